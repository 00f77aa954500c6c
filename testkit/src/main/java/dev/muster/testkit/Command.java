package dev.muster.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Runs a program to its end.
final class Command {
    private Command() {}

    /// How it ended, and all that it printed.
    record Outcome(int exitStatus, String output, String errors) {}

    /// @throws IllegalStateException when it still runs at the limit; it is killed then
    static Outcome run(
            Sandbox sandbox,
            List<String> command,
            Map<String, String> environment,
            Duration limit) {
        Path output;
        Path errors;
        try {
            output = Files.createTempFile(sandbox.folder(), "output", ".txt");
            errors = Files.createTempFile(sandbox.folder(), "errors", ".txt");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var process =
                sandbox.start(
                        command,
                        environment,
                        ProcessBuilder.Redirect.to(output.toFile()),
                        ProcessBuilder.Redirect.to(errors.toFile()));
        try {
            var ended = process.waitFor(limit);
            sandbox.kill(process);
            if (!ended) {
                throw new IllegalStateException(
                        "%s still ran after %d s; it printed:%n%s%s"
                                .formatted(
                                        command,
                                        limit.toSeconds(),
                                        Files.readString(output),
                                        Files.readString(errors)));
            }
            return new Outcome(
                    process.exitValue(), Files.readString(output), Files.readString(errors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            sandbox.kill(process);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }
}
