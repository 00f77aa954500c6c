package dev.muster.cli;

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

/// The command in a JVM of its own, for what cannot be seen inside this one: signals and the end of
/// the process.
final class MusterProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;

    private MusterProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static List<String> command(String... args) {
        // A process started from a background job would ignore SIGINT.
        var command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /// @param folder the working directory
    static MusterProcess start(Path folder, String... args) {
        return start(folder, Map.of(), args);
    }

    static MusterProcess start(Path folder, Map<String, String> environment, String... args) {
        try {
            var output = Files.createTempFile(folder, "output", ".txt");
            var builder =
                    new ProcessBuilder(command(args))
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            var process = builder.start();
            return new MusterProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitOutput(String text) {
        await().atMost(LIMIT).until(this::output, printed -> printed.contains(text));
    }

    boolean isRunning() {
        return process.isAlive();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /// @param name without `SIG`
    void signal(String name) throws IOException, InterruptedException {
        var pid = Long.toString(process.pid());
        new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running; it printed: " + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
