package dev.muster.cli;

import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The key that both sides of a connection know.
final class KeyFileOption {
    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "The key that both sides must know: 16 bytes or more, readable by you only. Without one, only loopback addresses are possible.")
    private @Nullable Path file;

    /// @throws CommandException when there is no key in the file
    SharedKey key() {
        try {
            return file == null ? SharedKey.NONE : SharedKey.read(file);
        } catch (NoSuchFileException e) {
            throw CommandException.wrongUse("there is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw CommandException.wrongUse(String.valueOf(e.getMessage()), e);
        }
    }
}
