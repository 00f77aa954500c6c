package dev.muster.queue.codec;

import org.jspecify.annotations.Nullable;

/// JSON bodies.
///
/// @param json writes and reads them
record JsonSerializer(Json json) implements Serializer {
    @Override
    public String name() {
        return "json";
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public String contentEncoding() {
        return "utf-8";
    }

    @Override
    public byte[] encode(@Nullable Object value) {
        return json.write(value);
    }

    @Override
    public @Nullable Object decode(byte[] body) {
        return json.read(body);
    }
}
