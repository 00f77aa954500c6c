package dev.muster.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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
            builder.environment().putAll(environment);
            return new Child(builder.start());
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

    /// Reads lines until one contains the text.
    void awaitLine(String text) {
        try {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                if (line.contains(text)) {
                    Thread.ofVirtual().start(() -> drain(_ -> {}));
                    return;
                }
                System.err.println("  " + line);
            }
            throw new IllegalStateException(
                    "a process ended before it printed '%s'".formatted(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Hands every line on, until the process ends.
    void drain(Consumer<String> lines) {
        try {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                lines.accept(line);
            }
        } catch (IOException e) {
            // The stream of a process that was ended is closed.
        }
    }

    /// Ends the process if it is still there by then: a peer that hangs must not stop the
    /// comparison.
    void endAfter(Duration limit) {
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

    long cpuMillis() {
        return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L)
                + process.descendants()
                        .mapToLong(child ->
                                child.info().totalCpuDuration().map(Duration::toMillis).orElse(0L))
                        .sum();
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
