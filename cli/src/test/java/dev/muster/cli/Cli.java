package dev.muster.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Runs the command in this JVM.
final class Cli {
    private Cli() {}

    /// How it ended, and what it printed, together with what programs run by it printed.
    record Outcome(int status, String out, String err) {}

    static Outcome run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        var systemOut = System.out;
        var systemErr = System.err;
        var programOut = new ByteArrayOutputStream();
        var programErr = new ByteArrayOutputStream();
        var contextLoader = Thread.currentThread().getContextClassLoader();
        System.setOut(new PrintStream(programOut, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(programErr, true, StandardCharsets.UTF_8));
        try {
            var status = Main.execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
            return new Outcome(
                    status,
                    out + programOut.toString(StandardCharsets.UTF_8),
                    err + programErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(systemOut);
            System.setErr(systemErr);
            Thread.currentThread().setContextClassLoader(contextLoader);
            System.getProperties().stringPropertyNames().stream()
                    .filter(name -> name.startsWith("muster."))
                    .forEach(System::clearProperty);
        }
    }

    /// Writes a file into a folder, making folders on the way.
    static Path write(Path folder, String name, String text) {
        try {
            var file = folder.resolve(name);
            Files.createDirectories(file.resolveSibling("."));
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
