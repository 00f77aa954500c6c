package dev.muster.queue.jdbc;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.ProcessOptions;
import dev.muster.queue.Muster;
import dev.muster.queue.NotATaskException;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.Workflow;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tasks in child processes of the worker: crashes, limits, and what passes between the two.
class TaskProcessesTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir private Path folder;
    private @Nullable Muster muster;
    private @Nullable Worker worker;

    /// Files are what the processes share.
    static final class Tasks {
        private Tasks() {}

        @Task(name = "pid")
        static long pid() {
            return ProcessHandle.current().pid();
        }

        @Task(name = "greet")
        static Map<String, List<Integer>> greet(Greeting greeting) {
            return Map.of(greeting.text(), greeting.numbers());
        }

        record Greeting(String text, List<Integer> numbers) {}

        @Task(name = "odd")
        static void odd(String what) {
            if (!what.isEmpty()) {
                throw new OddException(what);
            }
        }

        @Task(name = "patient", maxRetries = 2, retryFor = OddException.class, retryDelay = "1ms")
        static int patient(TaskContext task) {
            if (task.retries() < 2) {
                throw new OddException("not yet");
            }
            return task.retries();
        }

        /// Cannot be sent, as what it holds cannot.
        static final class OddException extends RuntimeException {
            private final Thread thrower = Thread.currentThread();

            OddException(String message) {
                super(message);
            }

            @Override
            public String getMessage() {
                return super.getMessage() + " on " + thrower.getName();
            }
        }

        @Task(name = "upload")
        static void upload(TaskContext task, String gate) {
            task.progress(0.25, "a quarter");
            await(gate);
        }

        @Task(name = "instead")
        static List<Integer> instead(TaskContext task, int number) {
            if (number > 0) {
                throw task.replace(group(call("twice", number), call("twice", number + 1)));
            }
            return List.of();
        }

        @Task(name = "twice")
        static int twice(int number) {
            return 2 * number;
        }

        @Task(name = "crash")
        static void crash(String marker) {
            mark(marker);
            Runtime.getRuntime().halt(3);
        }

        @Task(name = "crash once", acksLate = Task.Toggle.ON, rejectOnWorkerLost = Task.Toggle.ON)
        static String crashOnce(String marker) {
            if (mark(marker) == 1) {
                Runtime.getRuntime().halt(3);
            }
            return "survived";
        }

        @Task(name = "crash always", acksLate = Task.Toggle.ON, rejectOnWorkerLost = Task.Toggle.ON)
        static void crashAlways(String marker) {
            mark(marker);
            Runtime.getRuntime().halt(3);
        }

        @Task(name = "spin", timeLimit = "500ms")
        static void spin() {
            while (Thread.currentThread().isAlive()) {
                Thread.onSpinWait();
            }
        }

        @Task(name = "patiently")
        static String patiently() {
            try {
                new CountDownLatch(1).await();
                return "in time";
            } catch (InterruptedException _) {
                return "cleaned up";
            }
        }

        @Task(name = "priority")
        static int priority(TaskContext task) {
            return Objects.requireNonNullElse(task.priority(), 0);
        }

        @Task(name = "add priority")
        static int addPriority(TaskContext task) {
            task.addToChord(call("priority"));
            return priority(task);
        }

        @Task(name = "collect")
        static List<Integer> collect(List<Integer> values) {
            return values;
        }

        @Task(name = "tidy", softTimeLimit = "100ms")
        static String tidy() {
            try {
                new CountDownLatch(1).await();
                return "in time";
            } catch (InterruptedException e) {
                return "cleaned up: " + TaskContext.current().isSoftTimeLimitExceeded();
            }
        }

        @Task(name = "hang", acksLate = Task.Toggle.ON)
        static void hang(String marker) throws InterruptedException {
            mark(marker);
            new CountDownLatch(1).await();
        }

        /// Adds a line with this process's id.
        ///
        /// @return how many there are now
        private static int mark(String marker) {
            try {
                var path = Path.of(marker);
                var lines = Files.exists(path) ? Files.readString(path) : "";
                var all = lines + ProcessHandle.current().pid() + "\n";
                Files.writeString(path, all);
                return (int) all.lines().count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void await(String gate) {
            Awaitility.await().atMost(LONG).until(() -> Files.exists(Path.of(gate)));
        }
    }

    /// Not serializable, so that each child makes its own.
    static final class Counter {
        private int count;

        @Task(name = "count")
        int count() {
            return ++count;
        }
    }

    /// Neither can be sent nor made.
    static final class Bound {
        private final Thread owner;

        Bound(Thread owner) {
            this.owner = owner;
        }

        @Task(name = "bound")
        String bound() {
            return owner.getName();
        }
    }

    private Muster.Builder app(Map<String, ?> settings) {
        return Muster.builder()
                .settings(
                        Settings.DEFAULT
                                .with("broker_url", "sqlite:" + folder.resolve("queue.db"))
                                .withAll(settings))
                .tasks(Tasks.class);
    }

    private Muster start(Map<String, ?> settings, UnaryOperator<Worker.Builder> options) {
        var application = app(settings).register(new Counter()).build();
        muster = application;
        var started =
                options.apply(
                                application
                                        .worker()
                                        .pool(Worker.Pool.PROCESSES)
                                        .concurrency(1)
                                        .children(ProcessOptions.builder().maxHeap("64m")))
                        .start();
        worker = started;
        assertThat(started.awaitReady(LONG)).isTrue();
        return application;
    }

    private Muster start() {
        return start(Map.of(), worker -> worker);
    }

    private static long pid(Muster app) throws Exception {
        return (Long) Objects.requireNonNull(app.send(call("pid")).get(LONG));
    }

    private Worker worker() {
        return Objects.requireNonNull(worker);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    /// The processes that have run a task.
    private List<Long> marks(String marker) throws IOException {
        Awaitility.await().atMost(LONG).until(() -> Files.exists(Path.of(marker)));
        return Files.readString(Path.of(marker)).lines().map(Long::valueOf).toList();
    }

    private static void awaitEnd(long pid) {
        Awaitility.await()
                .atMost(LONG)
                .until(() -> ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true));
    }

    @AfterEach
    void close() throws IOException {
        Files.writeString(folder.resolve("gate"), "");
        if (worker != null) {
            worker.close();
        }
        if (muster != null) {
            muster.close();
        }
    }

    @Test
    void runsATaskInAnotherProcessAndKeepsThatForTheNext() throws Exception {
        var app = start();

        var first = pid(app);
        var second = pid(app);

        assertThat(first).isNotEqualTo(ProcessHandle.current().pid()).isEqualTo(second);
    }

    @Test
    void bindsArgumentsAndWritesResultsAsOnThreads() throws Exception {
        var app = start();

        var result = app.send(call("greet", new Tasks.Greeting("hé", List.of(1, 2))));

        assertThat(result.get(LONG)).isEqualTo(Map.of("hé", List.of(1L, 2L)));
    }

    @Test
    void recordsAnExceptionThatCannotBeSentByItsNameAndMessage() throws Exception {
        var app = start();

        assertThatThrownBy(() -> app.send(call("odd", "it happened")).get(LONG))
                .isInstanceOfSatisfying(
                        TaskFailedException.class,
                        failure -> {
                            assertThat(failure.remoteType())
                                    .isEqualTo(
                                            "dev.muster.queue.jdbc.TaskProcessesTest.Tasks.OddException");
                            assertThat(failure).hasMessageContaining("it happened on main");
                        });
    }

    @Test
    void triesAgainWhatThrewAnExceptionThatCannotBeSent() throws Exception {
        assertThat(start().send(call("patient")).get(LONG)).isEqualTo(2L);
    }

    @Test
    void storesTheStatesOfATaskWhileItRuns() throws Exception {
        var app = start();

        var result = app.send(call("upload", file("gate")));

        Awaitility.await().atMost(LONG).until(() -> result.state().equals(new State("PROGRESS")));
        Files.writeString(folder.resolve("gate"), "");
        result.get(LONG);
    }

    @Test
    void replacesATaskByAWorkflow() throws Exception {
        assertThat(start().send(call("instead", 2)).get(LONG)).isEqualTo(List.of(4L, 6L));
    }

    @Test
    void givesEachChildItsOwnObject() throws Exception {
        var app = start();

        assertThat(app.send(call("count")).get(LONG)).isEqualTo(1L);
        assertThat(app.send(call("count")).get(LONG)).isEqualTo(2L);
    }

    @Test
    void recordsTheDeathOfAProcessAndGoesOnWithAnother() throws Exception {
        var app = start();

        assertThatThrownBy(() -> app.send(call("crash", file("crash"))).get(LONG))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("WorkerLostError")
                .hasMessageContaining("exitcode 3");

        assertThat(pid(app)).isNotIn(marks(file("crash")));
        assertThat(marks(file("crash"))).hasSize(1);
    }

    @Test
    void givesATaskBackWhoseProcessDied() throws Exception {
        assertThat(start().send(call("crash once", file("once"))).get(LONG)).isEqualTo("survived");
        assertThat(new HashSet<>(marks(file("once")))).hasSize(2);
    }

    @Test
    void doesNotGiveATaskBackForEverThatKillsItsProcess() throws Exception {
        var app = start();

        assertThatThrownBy(() -> app.send(call("crash always", file("always"))).get(LONG))
                .hasMessageContaining("WorkerLostError");
        assertThat(marks(file("always"))).hasSize(3);
    }

    @Test
    void killsTheProcessAtTheHardTimeLimit() throws Exception {
        var app = start();
        var pid = pid(app);

        assertThatThrownBy(() -> app.send(call("spin")).get(LONG))
                .hasMessageContaining("TimeLimitExceeded");

        awaitEnd(pid);
        assertThat(pid(app)).isNotEqualTo(pid);
    }

    @Test
    void interruptsTheTaskAtItsSoftTimeLimit() throws Exception {
        assertThat(start().send(call("tidy")).get(LONG)).isEqualTo("cleaned up: true");
    }

    @Test
    void heedsASoftTimeLimitThatWasChangedWhileItRan() throws Exception {
        var app = start();
        var told = app.control().to(worker().hostname()).within(LONG);
        told.ask("time_limit", Map.of("task_name", "patiently", "soft", 0.1));

        assertThat(app.send(call("patiently")).get(LONG)).isEqualTo("cleaned up");
    }

    @Test
    void givesWhatATaskAddsToItsChordItsPriorityOnlyWhenTold() throws Exception {
        var workflow = group(call("add priority").priority(3)).then(call("collect"));

        assertThat(priorities(start(), workflow)).containsExactlyInAnyOrder(3L, 0L);
        close();
        var inheriting = start(Map.of("task_inherit_parent_priority", true), worker -> worker);
        assertThat(priorities(inheriting, workflow)).containsExactly(3L, 3L);
    }

    @SuppressWarnings("unchecked")
    private static List<Object> priorities(Muster app, Workflow<?> workflow) throws Exception {
        return (List<Object>) Objects.requireNonNull(app.send(workflow).get(LONG));
    }

    @Test
    void endsTheProcessOfATaskThatIsTerminated() throws Exception {
        var app = start();
        var result = app.send(call("hang", file("hang")));
        var pid = marks(file("hang")).getFirst();

        assertThat(app.control().to(worker().hostname()).within(LONG).ask("active").toString())
                .contains("worker_pid=" + pid);
        worker().revoke(List.of(result.id()), true);

        assertThatThrownBy(() -> result.get(LONG)).hasMessageContaining("terminated");
        awaitEnd(pid);
        app.send(call("pid")).get(LONG);
    }

    @Test
    void replacesAChildAfterSoManyTasks() throws Exception {
        var app = start(Map.of("worker_max_tasks_per_child", 2), worker -> worker);

        var pids = new HashSet<Long>();
        for (var count = 0; count < 5; count++) {
            pids.add(pid(app));
        }

        assertThat(pids).hasSizeBetween(3, 4); // the first child may have been used to warm up
    }

    @Test
    void replacesAChildThatHasTooMuchMemory() throws Exception {
        var app = start(Map.of("worker_max_memory_per_child", 1), worker -> worker);

        assertThat(pid(app)).isNotEqualTo(pid(app));
    }

    @Test
    void givesBackWhatRanWhenItStopsAtOnce() throws Exception {
        var app = start();
        var result = app.send(call("hang", file("hang")));
        var pid = marks(file("hang")).getFirst();

        worker().quit();
        assertThat(worker().awaitStopped(LONG)).isTrue();

        awaitEnd(pid);
        assertThat(app.queueLength("celery")).isEqualTo(1);
        assertThat(result.state()).isEqualTo(State.PENDING);
    }

    @Test
    void stopsAndTakesNoMessageWhenNoChildCanBeStarted() {
        var app = app(Map.of()).build();
        muster = app;
        app.send(call("pid"));
        try (var broken =
                app.worker()
                        .pool(Worker.Pool.PROCESSES)
                        .children(ProcessOptions.builder().jvmOptions("-XX:+NoSuchOption"))
                        .start()) {
            assertThatThrownBy(() -> broken.awaitStopped(LONG))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("NoSuchOption");
        } catch (MusterException _) {
            // Closing tells it once more.
        }
        assertThat(app.queueLength("celery")).isEqualTo(1);
    }

    @Test
    void refusesObjectsThatNoChildCanHave() {
        try (var app = app(Map.of()).register(new Bound(Thread.currentThread())).build()) {
            assertThatThrownBy(() -> app.worker().pool(Worker.Pool.PROCESSES).start())
                    .isInstanceOf(NotATaskException.class)
                    .hasMessageContaining("Bound")
                    .hasMessageContaining("Serializable");
        }
    }

    @Test
    void refusesAQueueThatChildrenCannotSee() {
        try (var app = app(Map.of("broker_url", "memory:")).build()) {
            assertThatThrownBy(() -> app.worker().pool(Worker.Pool.PROCESSES).start())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("memory:");
        }
    }
}
