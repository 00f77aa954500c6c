package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The `muster` command in a JVM of its own and a folder of its own, as users run it.
final class MusterCommand implements AutoCloseable {
    /// Where the examples are.
    static final Path EXAMPLES = Path.of("").toAbsolutePath();

    /// For what hangs; a busy machine takes its time to start a JVM.
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Process process;
    private final Path output;
    private final Path errors;

    private MusterCommand(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /// How it ended, and what it printed.
    record Outcome(int status, String output, String errors) {
        /// The lines of a program that was well.
        List<String> lines() {
            assertThat(status).as(errors).isZero();
            return output.lines().toList();
        }
    }

    /// @param folder the working directory
    static MusterCommand start(Path folder, Map<String, String> variables, String... args) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("dev.muster.cli.Main");
        command.addAll(List.of(args));
        try {
            var output = Files.createTempFile(folder, "output", ".txt");
            var errors = Files.createTempFile(folder, "errors", ".txt");
            var builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(output.toFile())
                            .redirectError(errors.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
            builder.environment().remove("RATES_URL");
            builder.environment().putAll(variables);
            return new MusterCommand(builder.start(), output, errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Runs it to its end.
    static Outcome run(Path folder, Map<String, String> variables, String... args)
            throws InterruptedException {
        try (var command = start(folder, variables, args)) {
            return command.awaitEnd();
        }
    }

    Outcome awaitEnd() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running; it printed: " + printed());
        }
        return new Outcome(process.exitValue(), read(output), read(errors));
    }

    void awaitPrinted(String text) {
        await().atMost(LIMIT)
                .until(this::printed, printed -> !process.isAlive() || printed.contains(text));
        assertThat(printed()).contains(text);
    }

    /// What it has printed so far, and its errors.
    String printed() {
        return read(output) + read(errors);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it, if it still runs.
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
