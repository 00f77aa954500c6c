package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetachTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir private Path folder;

    private ProcessHandle detached(String pidFile) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve(pidFile)).strip()))
                .orElseThrow();
    }

    @AfterEach
    void endWhatStillRuns() throws IOException {
        for (var name : new String[] {"work/worker.pid", "beat.pid"}) {
            if (Files.exists(folder.resolve(name))) {
                detached(name).destroyForcibly();
            }
        }
    }

    @Test
    void aDetachedWorkerIsReadyWhenTheCommandReturnsAndOutlivesIt() throws Exception {
        Cli.write(folder, "work/Waiter.java", WorkerTest.WAITER);
        Cli.write(folder, "work/now", "");
        var broker = "sqlite:" + folder.resolve("queue.db");
        String[] command = {
            "worker",
            "-A",
            "Waiter.java",
            "-b",
            broker,
            "--detach",
            "--workdir",
            "work",
            "--umask",
            "077"
        };
        try (var start = MusterProcess.start(folder, command)) {
            assertThat(start.awaitExit()).as(start.output()).isZero();
            assertThat(start.output())
                    .contains("[queues]", "The worker runs in the background as process ");
        }
        assertThat(Files.readString(folder.resolve("work/worker.log"))).contains("ready.");
        assertThat(Files.getPosixFilePermissions(folder.resolve("work/worker.log")))
                .containsExactlyInAnyOrder(
                        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

        try (var second = MusterProcess.start(folder, command)) {
            assertThat(second.awaitExit()).isEqualTo(1);
            assertThat(second.output())
                    .contains(
                            "runs already, as process " + detached("work/worker.pid").pid(),
                            "the worker has not started");
        }
        var done =
                Cli.run("call", "Waiter.until", "now", "-b", broker, "--wait", "--timeout", "60");
        assertThat(done.out()).isEqualToIgnoringNewLines("seen");
        assertThat(Files.readString(folder.resolve("work/worker.log")))
                .as("what is printed goes to the log")
                .contains("] Waiter.until[", "]: waiting for now");

        var process = detached("work/worker.pid");
        process.destroy();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        assertThat(folder.resolve("work/worker.pid")).doesNotExist();
    }

    @Test
    void aDetachedBeatHasFilesOfItsOwn() throws Exception {
        try (var start = MusterProcess.start(folder, "beat", "-b", "sqlite:queue.db", "-D")) {
            assertThat(start.awaitExit()).as(start.output()).isZero();
        }
        detached("beat.pid").destroy();
        await().atMost(PATIENCE).until(() -> !Files.exists(folder.resolve("beat.pid")));
        assertThat(Files.readString(folder.resolve("beat.log"))).contains("beat ready.");
    }

    @Test
    void whyItHasNotStartedIsToldAtOnce() throws Exception {
        try (var start = MusterProcess.start(folder, "worker", "-A", "No.java", "-D")) {
            assertThat(start.awaitExit()).isEqualTo(2);
            assertThat(start.output())
                    .contains("there is no file No.java", "the worker has not started");
        }
        var foreground = Cli.run("worker", "-A", "No.java", "--umask", "077");
        assertThat(foreground.status()).isEqualTo(2);
        assertThat(foreground.err()).contains("go with --detach");
    }
}
