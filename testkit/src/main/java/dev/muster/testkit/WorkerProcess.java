package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.codec.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Muster worker in a JVM of its own, with the class path of this one: to be killed, and to be
/// given little memory. Gone when it is closed and when this JVM ends.
public final class WorkerProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final String LOG = "worker";
    private static final String CLOCK = "clock";
    private static final String LOGGING =
            """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n</pattern></encoder>
              </appender>
              <root level="INFO"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final Sandbox sandbox;
    private final Process process;
    private final Path clock;

    private WorkerProcess(Sandbox sandbox, Process process, Path clock) {
        this.sandbox = sandbox;
        this.process = process;
        this.clock = clock;
    }

    /// What the worker runs, and how.
    ///
    /// @param settings by name, as plain data
    /// @param tasks the class that has the tasks
    /// @param queue that it reads
    /// @param concurrency how many tasks run at once
    /// @param heapMegabytes the most memory that it may take for objects
    /// @param clock the file of the [ProcessClock] that it shares with others; null for one of its
    ///   own
    public record Options(
            Map<String, Object> settings,
            Class<?> tasks,
            String queue,
            int concurrency,
            int heapMegabytes,
            @Nullable Path clock) {
        /// Four tasks at once in 256 MB.
        public static Options of(Map<String, Object> settings, Class<?> tasks, String queue) {
            return new Options(settings, tasks, queue, 4, 256, null);
        }

        public Options withConcurrency(int value) {
            return new Options(settings, tasks, queue, value, heapMegabytes, clock);
        }

        public Options withHeapMegabytes(int value) {
            return new Options(settings, tasks, queue, concurrency, value, clock);
        }

        Options withClock(Path value) {
            return new Options(settings, tasks, queue, concurrency, heapMegabytes, value);
        }
    }

    /// Starts a worker and waits until it reads its queue.
    ///
    /// @throws IllegalStateException when it does not get ready; the message ends with its log
    public static WorkerProcess start(Options options) {
        var sandbox = Sandbox.open("worker");
        try {
            var logging = sandbox.write("logback.xml", LOGGING);
            var settings =
                    sandbox.write(
                            "settings.json",
                            new String(new Json(false).write(options.settings), UTF_8));
            var clock = options.clock == null ? sandbox.path(CLOCK) : options.clock;
            var command = new ArrayList<String>();
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.addAll(
                    List.of(
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-Xmx%dm".formatted(options.heapMegabytes),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Dlogback.configurationFile=" + logging,
                            "-cp",
                            System.getProperty("java.class.path"),
                            WorkerMain.class.getName(),
                            settings.toString(),
                            options.tasks.getName(),
                            options.queue,
                            Integer.toString(options.concurrency),
                            clock.toString()));
            var process = sandbox.start(LOG, command, Map.of());
            sandbox.awaitReady(
                    LOG, process, START_LIMIT, () -> sandbox.log(LOG).contains(WorkerMain.READY));
            return new WorkerProcess(sandbox, process, clock);
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    /// What it has logged so far.
    public String log() {
        return sandbox.log(LOG);
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /// How much memory it has in use, all told, by the operating system's account (Linux).
    long residentMegabytes() {
        var file = Path.of("/proc", Long.toString(process.pid()), "status");
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(kilobytes -> Long.parseLong(kilobytes) / 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    public void kill() {
        sandbox.kill(process);
    }

    /// Stops it in the middle of whatever it does, as a machine that swaps; until [#resume()].
    public void suspend() {
        sandbox.signal(process, "STOP");
    }

    /// Lets it go on.
    public void resume() {
        sandbox.signal(process, "CONT");
    }

    /// Has its clock, and that of others which share it, be so much ahead of the system's.
    public void setClock(Duration ahead) {
        ProcessClock.set(clock, ahead);
    }

    long pid() {
        return process.pid();
    }

    /// Asks it to finish its tasks and end, and waits until it has.
    public void stop() {
        sandbox.stop(LOG, process);
    }

    /// Kills it if it runs, and deletes its folder. Twice is harmless.
    @Override
    public void close() {
        kill();
        sandbox.close();
    }
}
