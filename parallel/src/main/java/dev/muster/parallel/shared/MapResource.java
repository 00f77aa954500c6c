package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Frames.writeBytes;
import static dev.muster.parallel.shared.Frames.writeTruth;

import dev.muster.parallel.wire.ByteSink;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A map in the manager. Keys are equal when their bytes are.
final class MapResource implements Resource {
    private record Key(byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key(var others) && Arrays.equals(bytes, others);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /// Guarded by this.
    private final Map<Key, byte[]> values = new LinkedHashMap<>();

    @Override
    public synchronized void perform(
            Verb verb, FrameReader arguments, Caller caller, ByteSink result) {
        switch (verb) {
            case GET -> writeBytes(result, values.get(key(arguments)));
            case PUT -> values.put(key(arguments), arguments.readBytes());
            case PUT_IF_ABSENT ->
                    writeTruth(
                            result,
                            values.putIfAbsent(key(arguments), arguments.readBytes()) == null);
            case REPLACE -> writeTruth(result, replace(arguments));
            case REMOVE -> writeBytes(result, values.remove(key(arguments)));
            case SIZE -> result.writeInt(values.size());
            case CONTENT -> {
                result.writeInt(values.size());
                values.forEach((key, value) -> {
                    writeBytes(result, key.bytes());
                    writeBytes(result, value);
                });
            }
            case CLEAR -> values.clear();
            default -> throw Resource.unknown(Kind.MAP, verb);
        }
    }

    private static Key key(FrameReader arguments) {
        return new Key(arguments.readBytes());
    }

    /// Of a value that is still the expected one; null stands for none.
    private boolean replace(FrameReader arguments) {
        var key = key(arguments);
        var expected = arguments.readBytesOrNull();
        var value = arguments.readBytes();
        if (!Arrays.equals(values.get(key), expected)) {
            return false;
        }
        values.put(key, value);
        return true;
    }
}
