package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerTest {
    /// Its task runs until there is a file of the given name, or it is interrupted.
    static final String WAITER =
            """
            import dev.muster.queue.Task;
            import java.nio.file.*;

            class Waiter {
                @Task
                static String until(String file) throws Exception {
                    var path = Path.of(file).toAbsolutePath();
                    try (var watch = FileSystems.getDefault().newWatchService()) {
                        path.getParent().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                        System.out.println("waiting for " + file);
                        while (!Files.exists(path)) {
                            watch.take().reset();
                        }
                    }
                    return "seen";
                }
            }
            """;

    @TempDir private Path folder;

    private MusterProcess worker(String... options) {
        Cli.write(folder, "Waiter.java", WAITER);
        var words = new ArrayList<>(List.of("worker", "-A", "Waiter.java"));
        words.addAll(List.of(options));
        return MusterProcess.start(folder, words.toArray(String[]::new));
    }

    private String send(String file) {
        return Cli.run("call", "Waiter.until", file, "-b", broker()).out().strip();
    }

    private String broker() {
        return "sqlite:" + folder.resolve("queue.db");
    }

    @Test
    void saysWhatItIsAndLogsAsCeleryDoes() throws Exception {
        Cli.write(folder, "now", "");
        try (var worker =
                worker("-b", broker(), "-c3", "-P", "threads", "-n", "w@%h", "-Q", "celery,mail")) {
            worker.awaitOutput("ready.");
            var id = send("now");
            worker.awaitOutput("succeeded in");
            worker.signal("TERM");

            assertThat(worker.awaitExit()).isZero();
            assertThat(worker.output())
                    .contains("worker w@", "concurrency: 3 (threads)", "  .> celery", "  .> mail")
                    .contains("  .> broker:      sqlite:", "  . Waiter.until(String file)")
                    .containsPattern(
                            "\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}: INFO/[^]]+]"
                                    + " Task Waiter.until\\["
                                    + id
                                    + "] received")
                    .contains("Task Waiter.until[" + id + "] succeeded in");
        }
    }

    @Test
    void readsTheQueuesLessThoseThatAreExcluded() throws Exception {
        try (var worker = worker("-b", broker(), "-Q", "celery,mail,slow", "-X", "mail")) {
            worker.awaitOutput("ready.");

            assertThat(worker.output()).contains("  .> celery", "  .> slow").doesNotContain("mail");
        }
    }

    @Test
    void onSigtermTheRunningTaskComesToItsEnd() throws Exception {
        try (var worker = worker("-b", broker(), "-l", "warning")) {
            var id = send("later");
            worker.awaitOutput("waiting for later");
            worker.signal("TERM");
            worker.awaitOutput("warm shutdown");
            assertThat(worker.isRunning()).isTrue();
            Files.createFile(folder.resolve("later"));

            assertThat(worker.awaitExit()).isZero();
            assertThat(Cli.run("result", id, "-b", broker()).out())
                    .isEqualToIgnoringNewLines("seen");
        }
    }

    @Test
    void aSecondCtrlCQuitsAtOnceAndRecordsTheLoss() throws Exception {
        try (var worker = worker("-b", broker())) {
            var id = send("never");
            worker.awaitOutput("waiting for never");
            worker.signal("INT");
            worker.awaitOutput("another Ctrl-C or SIGTERM quits it at once");
            worker.signal("INT");

            assertThat(worker.awaitExit()).isZero();
            var result = Cli.run("result", id, "-b", broker());
            assertThat(result.status()).isEqualTo(1);
            assertThat(result.err()).contains("WorkerLostError");
        }
    }

    @Test
    void withASoftShutdownASecondCtrlCLeavesTimeAndAThirdQuits() throws Exception {
        try (var worker = worker("-b", broker(), "--set", "worker_soft_shutdown_timeout=10m")) {
            var id = send("never");
            worker.awaitOutput("waiting for never");
            worker.signal("INT");
            worker.awaitOutput("another Ctrl-C or SIGTERM quits it within 600 s");
            worker.signal("INT");
            worker.awaitOutput("worker: soft shutdown, quitting within 600 s");
            assertThat(worker.isRunning()).isTrue();
            worker.signal("INT");

            assertThat(worker.awaitExit()).isZero();
            assertThat(Cli.run("result", id, "-b", broker()).err()).contains("WorkerLostError");
        }
    }

    @Test
    void onSigtermTasksThatTakeTooLongGoBackToTheQueue() throws Exception {
        try (var worker =
                worker(
                        "-b",
                        broker(),
                        "--set",
                        "task_acks_late=true",
                        "--set",
                        "worker_warm_shutdown_timeout=500ms")) {
            send("later");
            worker.awaitOutput("waiting for later");
            worker.signal("TERM");
            assertThat(worker.awaitExit()).isZero();
            assertThat(Cli.run("list", "queues", "-b", broker()).out()).contains("1  celery");
        }
    }

    @Test
    void sigtermQuitsWhereItIsRemapped() throws Exception {
        Cli.write(folder, "Waiter.java", WAITER);
        try (var worker =
                MusterProcess.start(
                        folder,
                        Map.of("REMAP_SIGTERM", "SIGQUIT"),
                        "worker",
                        "-A",
                        "Waiter.java",
                        "-b",
                        broker(),
                        "--set",
                        "worker_soft_shutdown_timeout=1s",
                        "--set",
                        "worker_enable_soft_shutdown_on_idle=true")) {
            var id = send("never");
            worker.awaitOutput("waiting for never");
            worker.signal("TERM");
            worker.awaitOutput("worker: soft shutdown, quitting within 1 s");

            assertThat(worker.awaitExit()).isZero();
            assertThat(Cli.run("result", id, "-b", broker()).err()).contains("WorkerLostError");
        }
    }

    @Test
    void runsTasksInChildProcessesAsCeleryCallsThem() throws Exception {
        Cli.write(folder, "now", "");
        try (var worker =
                worker("-b", broker(), "-c1", "-P", "prefork", "--max-tasks-per-child", "1")) {
            worker.awaitOutput("ready.");
            var first = send("now");
            worker.awaitOutput("Task Waiter.until[" + first + "] succeeded in");
            var second = send("now");
            worker.awaitOutput("Task Waiter.until[" + second + "] succeeded in");
            worker.signal("TERM");

            assertThat(worker.awaitExit()).isZero();
            assertThat(worker.output())
                    .contains("concurrency: 1 (processes)", "[task process 2] waiting for now");
        }
    }

    @Test
    void keepsTryingWhileTheBrokerIsAwayAndNeverShowsThePassword() throws Exception {
        try (var worker = worker("-b", "redis://:topsecret@127.0.0.1:1/0")) {
            worker.awaitOutput("trying again in");
            worker.signal("TERM");

            assertThat(worker.awaitExit()).isZero();
            assertThat(worker.output())
                    .contains("redis://:**@127.0.0.1:1", "until the worker is stopped")
                    .doesNotContain("topsecret")
                    .doesNotContain("ready.");
        }
    }

    @Test
    void aProgramRunWithoutAnyBrokerBringsItsWorker() throws Exception {
        Cli.write(folder, "Adder.java", RunTest.ADDER);
        try (var run = MusterProcess.start(folder, "run", "Adder.java", "30")) {
            assertThat(run.awaitExit()).as(run.output()).isZero();
            assertThat(run.output()).isEqualToIgnoringNewLines("23");
        }
    }
}
