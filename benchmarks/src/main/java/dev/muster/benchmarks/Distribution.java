package dev.muster.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The `muster` command as it is on a server: what `build/dist` makes of this checkout, prepared
/// for fast starts.
final class Distribution {
    static final Path ROOT = Path.of(System.getProperty("bench.root", "")).toAbsolutePath();

    private static @Nullable String command;

    private Distribution() {}

    /// Made when it is first asked for.
    static synchronized String command() {
        if (command == null) {
            run(List.of(ROOT.resolve("build/dist").toString()));
            var place = ROOT.resolve("cli/target/dist/muster");
            run(List.of(place.resolve("libexec/prepare").toString()));
            command = place.resolve("bin/muster").toString();
        }
        return command;
    }

    /// Runs a command to its end.
    static void run(List<String> command) {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
