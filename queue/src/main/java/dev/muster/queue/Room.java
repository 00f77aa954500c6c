package dev.muster.queue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// How many more messages a worker may take. One thread takes room, any thread gives it back.
///
/// It is handed out in portions, so that not every message costs a round trip of its own, and the
/// taking thread is woken once per portion and not once per message.
final class Room {
    private volatile int portion;
    private final AtomicInteger free;
    private volatile boolean closed;
    private volatile boolean interrupted;

    /// Set before it looks at `free`, so that whoever gives back afterwards wakes it.
    private volatile @Nullable Thread taker;

    /// @param size how much there is in all
    /// @param portion the least that is handed out at once
    Room(int size, int portion) {
        this.free = new AtomicInteger(size);
        this.portion = portion;
    }

    /// Waits for at least a portion, and takes all that is free, up to `max`.
    ///
    /// @return how much it took; 0 once closed or interrupted
    int take(int max) {
        taker = Thread.currentThread();
        while (!closed && !interrupted) {
            var available = free.get();
            var taken = Math.min(available, max);
            if (available < portion) {
                LockSupport.park(this);
            } else if (free.compareAndSet(available, available - taken)) {
                return taken;
            }
        }
        interrupted = false;
        return 0;
    }

    void giveBack(int count) {
        var now = free.addAndGet(count);
        if (now >= portion && now - count < portion) {
            LockSupport.unpark(taker);
        }
    }

    /// Makes it larger or smaller.
    ///
    /// @param newPortion the least that is handed out at once from now on
    void resize(int change, int newPortion) {
        portion = newPortion;
        free.addAndGet(change);
        LockSupport.unpark(taker);
    }

    /// Lets a waiting [#take] return with nothing, or the next one.
    void interrupt() {
        interrupted = true;
        LockSupport.unpark(taker);
    }

    /// Ends the waiting, now and for ever.
    void close() {
        closed = true;
        LockSupport.unpark(taker);
    }
}
