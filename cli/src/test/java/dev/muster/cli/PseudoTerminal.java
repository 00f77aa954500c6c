package dev.muster.cli;

import dev.muster.queue.codec.Json;
import dev.muster.testkit.Python;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;

/// The command in a JVM of its own, on a terminal that a test looks at and types on.
final class PseudoTerminal implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;

    /// From where on the output has not been looked at.
    private int seen;

    private PseudoTerminal(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /// One of 80 columns and 24 rows.
    ///
    /// @param folder the working directory
    static PseudoTerminal start(Path folder, String... args) {
        try (var script = Cli.class.getResourceAsStream("/pseudo_terminal.py")) {
            var file = folder.resolve("pseudo_terminal.py");
            Files.write(file, Objects.requireNonNull(script).readAllBytes());
            var command = new ArrayList<>(List.of(Python.INTERPRETER, file.toString()));
            command.addAll(MusterProcess.command(args));
            var output = Files.createTempFile(folder, "terminal", ".txt");
            var process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            return new PseudoTerminal(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void type(String keys) {
        order(Map.of("keys", keys));
    }

    void resize(int columns, int rows) {
        order(Map.of("size", List.of(columns, rows)));
    }

    private void order(Map<String, ?> order) {
        seen = output().length();
        try {
            process.getOutputStream().write(new Json(false).write(order));
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All that was printed, escape sequences included.
    String output() {
        try {
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until a text is on the screen. It is drawn anew for that, as otherwise only what has
    /// changed is printed.
    void awaitScreen(String text) {
        Awaitility.await()
                .alias(text)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    var shown = output().substring(seen);
                    type("\f");
                    return shown.contains(text);
                });
    }

    /// Waits until a text was printed.
    void awaitPrinted(String text) {
        Awaitility.await().alias(text).atMost(LIMIT).until(() -> output().contains(text));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
