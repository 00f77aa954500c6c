package dev.muster.queue.jdbc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process of its own that runs [Child], and is killed when it is closed.
final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    /// @param folder for the files of the process; its errors go to the test's own
    ChildJvm(Path folder, String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.io.tmpdir=" + folder,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Child.class.getName()));
        command.addAll(List.of(arguments));
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        output = process.inputReader();
    }

    /// The next line that it prints; null at the end.
    String readLine() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The lines from here to its end.
    List<String> readAll() {
        return output.lines().toList();
    }

    /// Its exit status.
    int await() throws InterruptedException {
        return process.waitFor();
    }

    /// SIGKILL.
    void kill() {
        // Unlike that of Process, this leaves what it has printed readable.
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        output.close();
    }
}
