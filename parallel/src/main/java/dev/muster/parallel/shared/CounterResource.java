package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;

/// A counter in the manager.
final class CounterResource implements Resource {
    /// Guarded by this.
    private long count;

    @Override
    public synchronized void perform(
            Verb verb, FrameReader arguments, Caller caller, ByteSink result) {
        switch (verb) {
            case GET -> {}
            case ADD -> count += arguments.readLong();
            case SET -> count = arguments.readLong();
            case REPLACE -> {
                var isExpected = count == arguments.readLong();
                if (isExpected) {
                    count = arguments.readLong();
                }
                Frames.writeTruth(result, isExpected);
                return;
            }
            default -> throw Resource.unknown(Kind.COUNTER, verb);
        }
        result.writeLong(count);
    }
}
