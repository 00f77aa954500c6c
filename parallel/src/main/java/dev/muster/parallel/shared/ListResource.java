package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Frames.writeBytes;

import dev.muster.parallel.wire.ByteSink;
import java.util.ArrayList;
import java.util.List;

/// A list in the manager.
final class ListResource implements Resource {
    /// Guarded by this.
    private final List<byte[]> values = new ArrayList<>();

    @Override
    public synchronized void perform(
            Verb verb, FrameReader arguments, Caller caller, ByteSink result) {
        switch (verb) {
            case ADD -> values.add(arguments.readBytes());
            case GET -> writeBytes(result, values.get(index(arguments)));
            case SET -> values.set(index(arguments), arguments.readBytes());
            case REMOVE -> writeBytes(result, values.remove(index(arguments)));
            case SIZE -> result.writeInt(values.size());
            case CONTENT -> {
                result.writeInt(values.size());
                values.forEach(value -> writeBytes(result, value));
            }
            case CLEAR -> values.clear();
            default -> throw Resource.unknown(Kind.LIST, verb);
        }
    }

    private int index(FrameReader arguments) {
        var index = arguments.readInt();
        if (index < 0 || index >= values.size()) {
            throw Status.WRONG_INDEX.refuse(
                    "index %d in a list of %d values".formatted(index, values.size()));
        }
        return index;
    }
}
