package dev.muster.queue;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time during which one consumer delivers.
///
/// When it is over, the consumer gives every unsettled message back to the broker, so what has not
/// been started by then must not be started any more. While it lasts, messages that are kept for
/// later do not count against the prefetch limit.
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Consumer consumer;

    /// Held while the broker is told.
    private final ReentrantLock adjusting = new ReentrantLock();

    /// The most that the consumer may hold of what is not kept for later. Guarded by the lock.
    private int prefetch;

    private final int mostKept;
    private final Timer timer;
    private final Agenda agenda;
    private volatile boolean over;

    private final Set<Held> held = ConcurrentHashMap.newKeySet();

    /// How many messages are kept for later. Guarded by the lock.
    private int kept;

    /// @param prefetch how many other messages the consumer may hold; 0 for no limit
    /// @param mostKept how many messages it may hold besides, because they are kept
    Session(Consumer consumer, int prefetch, int mostKept, InstantSource clock) {
        this.consumer = consumer;
        this.prefetch = prefetch;
        this.mostKept = mostKept;
        this.timer = Timer.of(clock, "worker-eta");
        this.agenda = new Agenda(timer, clock, Agenda.LONGEST_REST);
    }

    /// What is kept and held is forgotten, as the broker will deliver it again.
    void end() {
        over = true;
        timer.close();
        held.forEach(this::drop);
    }

    private void drop(Held message) {
        if (held.remove(message)) {
            message.dropped.run();
        }
    }

    boolean isOver() {
        return over;
    }

    /// Keeps a message for later.
    ///
    /// @param due its time, by a clock that may be set meanwhile
    /// @param start called when its time has come
    /// @param dropped called instead when the session is over by then
    void keep(Instant due, Runnable start, Runnable dropped) {
        adjust(1);
        var message =
                new Held(
                        () -> {
                            adjust(-1);
                            start.run();
                        },
                        dropped);
        held.add(message);
        agenda.at(due, () -> start(message));
        dropIfOver(message);
    }

    /// Changes how many messages the consumer may hold besides those that are kept.
    void prefetch(int value) {
        adjusting.lock();
        try {
            prefetch = value;
            adjust(0);
        } finally {
            adjusting.unlock();
        }
    }

    /// Holds a message for a while, as one of those that the consumer may hold.
    ///
    /// @param start called when its time has come
    /// @param dropped called instead when the session is over by then
    void hold(Duration delay, Runnable start, Runnable dropped) {
        var message = new Held(start, dropped);
        held.add(message);
        var _ = timer.after(delay, () -> start(message));
        dropIfOver(message);
    }

    private void start(Held message) {
        if (held.remove(message)) {
            message.start.run();
        }
    }

    private void dropIfOver(Held message) {
        if (over) {
            drop(message);
        }
    }

    /// A message that is held; each is one of its own.
    private static final class Held {
        private final Runnable start;
        private final Runnable dropped;

        private Held(Runnable start, Runnable dropped) {
            this.start = start;
            this.dropped = dropped;
        }
    }

    private void adjust(int change) {
        adjusting.lock();
        try {
            kept += change;
            if (prefetch > 0 && !over) {
                tell(prefetch + Math.min(kept, mostKept));
            }
        } finally {
            adjusting.unlock();
        }
    }

    private void tell(int limit) {
        try {
            consumer.prefetch(limit);
        } catch (BrokerException e) {
            LOG.debug("the prefetch limit stays, as the connection is lost: {}", e.getMessage());
        } catch (RuntimeException e) { // the task must start all the same
            LOG.error("the prefetch limit could not be changed", e);
        }
    }
}
