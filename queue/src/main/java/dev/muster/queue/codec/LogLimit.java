package dev.muster.queue.codec;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Keeps a log readable where strangers decide how many lines it gets: a few lines of one kind are
/// written each minute, and of the others only how many they were. Thread-safe.
///
/// ```java
/// limit.next().ifPresent(more -> LOG.warn("a command cannot be read: {}{}", reason, more));
/// ```
public final class LogLimit {
    private static final long PERIOD = Duration.ofMinutes(1).toNanos();

    /// Enough to see what different things go wrong.
    private static final int LINES = 10;

    private final LongSupplier nanoTime;

    // Guarded by this object, as is what follows.
    private long begin;

    private int written;
    private long heldBack;

    public LogLimit() {
        this(System::nanoTime);
    }

    LogLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    /// Asks for one more line.
    ///
    /// @return what the line ends with; empty when it is not to be written
    public synchronized Optional<String> next() {
        var now = nanoTime.getAsLong();
        if (now - begin >= PERIOD) {
            begin = now;
            written = 0;
        }
        if (written == LINES) {
            heldBack++;
            return Optional.empty();
        }
        written++;
        var before = heldBack;
        heldBack = 0;
        return Optional.of(
                before == 0 ? "" : " (%d more of this kind were not logged)".formatted(before));
    }
}
