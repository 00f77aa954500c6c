package dev.muster.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A process of the comparison, ended with it.
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    static Child start(List<String> command, Map<String, String> environment, Path folder) {
        try {
            var builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true);
            builder.environment().put("PYTHONUNBUFFERED", "1"); // what it prints is waited for
            builder.environment().putAll(environment);
            return new Child(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A script that lies beside this class, run by the system's Python, for which Celery is
    /// installed.
    static Child python(
            String script, List<String> arguments, Map<String, String> environment, Path folder) {
        var command = new ArrayList<>(List.of("/usr/bin/python3", unpacked(script, folder)));
        command.addAll(arguments);
        return start(command, environment, folder);
    }

    /// A worker of Celery with an application that lies beside this class. It may not be ready yet.
    static Child celery(String script, int slots, Map<String, String> environment, Path folder) {
        unpacked(script, folder);
        var command =
                "/usr/bin/python3 -m celery -A %s worker -c %d -l WARNING --without-gossip --without-mingle --without-heartbeat"
                        .formatted(script.replace(".py", ""), slots);
        var worker = start(List.of(command.split(" ", -1)), environment, folder);
        worker.awaitLine("[queues]");
        return worker;
    }

    private static String unpacked(String script, Path folder) {
        try (var source = Objects.requireNonNull(Child.class.getResourceAsStream(script), script)) {
            var file = folder.resolve(script);
            Files.copy(source, file, StandardCopyOption.REPLACE_EXISTING);
            return file.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A JVM with this one's class path.
    static Child java(Class<?> main, List<String> options, List<String> arguments, Path folder) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return start(command, Map.of(), folder);
    }

    /// Reads lines until one contains the text. They are shown when it does not come.
    void awaitLine(String text) {
        var lines = new ArrayList<String>();
        try {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                if (line.contains(text)) {
                    Thread.ofVirtual().start(() -> drain(_ -> {}));
                    return;
                }
                lines.add(line);
            }
            throw new IllegalStateException(
                    "a process ended before it printed '%s':%n%s"
                            .formatted(text, String.join("\n", lines)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Hands every line on, until the process ends.
    private void drain(Consumer<String> lines) {
        try {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            // The stream of a process that was ended is closed.
        }
    }

    /// Adds every number that the process prints, until it ends, and shows what is no number.
    ///
    /// @param limit after which a process that hangs is ended
    void measure(Duration limit, Measurements into) {
        measure(limit, into, _ -> {});
    }

    /// @param added told the name of each number, when it has been added
    void measure(Duration limit, Measurements into, Consumer<String> added) {
        endAfter(limit);
        drain(line ->
                into.addLine(line).ifPresentOrElse(added, () -> System.err.println("  " + line)));
    }

    /// Ends the process if it is still there by then: a peer that hangs must not stop the
    /// comparison.
    private void endAfter(Duration limit) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        if (!process.waitFor(limit)) {
                            System.err.printf(
                                    "ended after %s: %s%n",
                                    limit, process.info().commandLine().orElse("?"));
                            close();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /// Processor time of the process and of what it has started and is still there.
    long cpuMillis() {
        return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L)
                + process.descendants()
                        .mapToLong(child ->
                                child.info().totalCpuDuration().map(Duration::toMillis).orElse(0L))
                        .sum();
    }

    /// The most that was ever in memory, of the process and what it has started; what forked
    /// processes share counts for each.
    double peakMegabytes() {
        return peakMegabytesOf(process.toHandle());
    }

    static double peakMegabytesOf(ProcessHandle process) {
        return megabytes(process, "VmHWM:");
    }

    /// What is in memory now.
    double residentMegabytes() {
        return megabytes(process.toHandle(), "VmRSS:");
    }

    /// 0 where there is no `/proc`.
    private static double megabytes(ProcessHandle process, String field) {
        return Stream.concat(Stream.of(process), process.descendants())
                        .mapToLong(handle -> kilobytes(handle.pid(), field))
                        .sum()
                / 1024.0;
    }

    private static long kilobytes(long pid, String field) {
        try (var lines = Files.lines(Path.of("/proc/%d/status".formatted(pid)))) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // it has ended
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
