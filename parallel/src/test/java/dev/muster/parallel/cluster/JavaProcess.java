package dev.muster.parallel.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program in a JVM of its own.
record JavaProcess(Process process, BufferedReader output) implements AutoCloseable {
    static JavaProcess start(Class<?> program, String... args) throws IOException {
        return start(System.getProperty("java.class.path"), program.getName(), args);
    }

    static JavaProcess start(String classPath, String program, String... args) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath));
        command.add(program);
        command.addAll(List.of(args));
        var process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new JavaProcess(process, process.inputReader());
    }

    /// The next line that it prints and that is no log.
    String line() throws IOException {
        while (true) {
            var line = output.readLine();
            if (line == null) {
                throw new AssertionError("it has ended without a word");
            }
            if (!line.contains(" INFO ") && !line.contains(" WARN ")) {
                return line;
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
