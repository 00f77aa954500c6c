package dev.muster.parallel.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A value as bytes. What is large in it may be in a file that both sides can read.
///
/// @param body not to be changed
/// @param file null when all is in the body; deleted by who unpacks it, or by [#discard]
public record Packed(byte[] body, @Nullable Path file) {
    /// A value that is all in its body.
    public static Packed of(byte[] body) {
        return new Packed(body, null);
    }

    /// Deletes the file of a value that nobody will unpack.
    public void discard() {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
