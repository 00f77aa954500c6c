package dev.muster.queue.codec;

import org.jspecify.annotations.Nullable;

/// A format of message bodies. Thread-safe.
public interface Serializer {
    /// As settings name it: `json`.
    String name();

    /// As messages name it: `application/json`.
    String contentType();

    /// `utf-8` for text, `binary` otherwise.
    String contentEncoding();

    /// Writes any value that [Json#write(Object)] accepts.
    ///
    /// @throws EncodeException for a value that this format cannot hold
    byte[] encode(@Nullable Object value);

    /// Reads a plain tree.
    ///
    /// @throws DecodeException when the bytes are not of this format, or nested too deeply
    @Nullable Object decode(byte[] body);
}
