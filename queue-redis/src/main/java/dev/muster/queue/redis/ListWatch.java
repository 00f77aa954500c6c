package dev.muster.queue.redis;

import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Waits until a list has an element, and takes from it in the same moment, without a round trip in
/// between: `BLMOVE k k RIGHT RIGHT` sleeps in Redis, and moves the last element to where it is
/// (celery-wire 3.4); a command that is sent behind it runs as soon as it wakes. Needs Redis 6.2.
///
/// A watch is idle until it is armed. It then stays armed until it wakes, once. Because an armed
/// watch wakes at once for a list that is not empty, nothing that arrives between a look into the
/// list and the arming goes unnoticed.
final class ListWatch implements AutoCloseable {
    /// Redis answers at least this often, so that a dead network shows.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    /// Zero would be for ever.
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private final Session session;
    private final Command peek;
    private final Listener listener;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by `lock`.
    private boolean armed;

    /// Guarded by `lock`.
    private boolean closed;

    /// Called by the thread of the watch.
    interface Listener {
        /// The command that takes from the list.
        Command take();

        /// What that has answered: an empty list when it has taken nothing.
        void taken(List<?> answer);

        /// Nothing follows.
        ///
        /// @param failure null when the watch was closed
        void ended(@Nullable MusterException failure);
    }

    ListWatch(RedisServers servers, TransportOptions options, String list, Listener listener) {
        this.session = new Session(servers, Failures.BROKER);
        this.listener = listener;
        this.peek =
                Command.of(
                        "BLMOVE",
                        list,
                        list,
                        "RIGHT",
                        "RIGHT",
                        String.format(Locale.ROOT, "%.3f", wait(options).toMillis() / 1000.0));
        // A platform thread is woken in one step, a virtual one in three.
        this.thread = Thread.ofPlatform().daemon().name("redis-watch-" + list).start(this::run);
    }

    /// Much less than the visibility timeout, which counts from when the command was made.
    private static Duration wait(TransportOptions options) {
        var half = options.socketTimeout().dividedBy(2);
        var tenth = options.visibilityTimeout().dividedBy(10);
        var shortest =
                Stream.of(half, tenth, LONGEST_WAIT).min(Comparator.naturalOrder()).orElseThrow();
        return shortest.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : shortest;
    }

    void arm() {
        lock.lock();
        try {
            armed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        MusterException failure = null;
        try {
            while (awaitArmed()) {
                takeNext();
            }
        } catch (MusterException e) {
            failure = e;
        } catch (RuntimeException e) { // a defect, which must not leave the list unwatched
            failure = new MusterException("waiting for messages failed: " + e, e);
        } finally {
            session.close();
            listener.ended(isClosed() ? null : failure);
        }
    }

    private void takeNext() {
        var take = listener.take();
        var answer = session.use(connection -> connection.callBehind(peek, take));
        if (answer instanceof List<?> taken) {
            // Disarmed first: whoever is told may arm again at once.
            disarm();
            listener.taken(taken);
        }
    }

    /// False when closed.
    private boolean awaitArmed() {
        lock.lock();
        try {
            while (!armed && !closed) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void disarm() {
        lock.lock();
        try {
            armed = false;
        } finally {
            lock.unlock();
        }
    }

    /// Ends it soon. What Redis has taken by then is still told.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        session.hangUp();
    }

    /// Waits until it has ended, after [#close()], and cuts it off if Redis does not answer.
    ///
    /// @param patience how long that may take
    void awaitEnd(Duration patience) {
        try {
            thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        session.close();
    }
}
