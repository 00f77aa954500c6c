package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Courier;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A reader of queues in a database.
///
/// It claims rows under a number that the table `muster_consumer` knows as long as its lease is
/// renewed ([Leases]). When the lease is lost (this process was suspended, the database away) the
/// consumer goes on under a new number; what it held belongs to others by then, and settling it
/// finds no row with the old number.
final class JdbcConsumer implements Consumer {
    /// Of a message that was deleted when it was read.
    static final long NO_CLAIM = 0;

    /// A wake-up that was lost costs no more than this; it is not how messages are noticed.
    private static final Duration SAFETY_LOOK = Duration.ofSeconds(5);

    /// How long a database that is well may take to acknowledge.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(JdbcConsumer.class);

    private final JdbcBroker broker;
    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final List<Queue> rotation;
    private final Signal signal = new Signal();
    private final Courier<Claimed> acknowledgements =
            new Courier<>(
                    "jdbc-acknowledgements",
                    PATIENCE,
                    "messages could not be acknowledged and may be delivered again",
                    this::acknowledge);

    /// By [System#nanoTime], when to look for messages that are due. Used by the taking thread.
    private long nextDue = System.nanoTime();

    private volatile boolean heardOfDue;

    private final Positions positions = new Positions();

    /// Guarded by this object, as is what follows.
    private long claim;

    private int prefetch;
    private int held;
    private boolean cancelled;
    private boolean closed;

    JdbcConsumer(JdbcBroker broker, Collection<Queue> queues, int prefetch, long claim) {
        this.broker = broker;
        for (var queue : queues) {
            this.queues.put(queue.name(), queue);
        }
        this.rotation = new ArrayList<>(this.queues.values());
        this.prefetch = prefetch;
        this.claim = claim;
    }

    @Override
    public List<Delivery> take(int max, Duration timeout) {
        if (max < 1) {
            throw new IllegalArgumentException("max must be >= 1, was " + max);
        }
        var start = System.nanoTime();
        while (true) {
            var seen = signal.count();
            if (isCancelled()) {
                return List.of();
            }
            if (System.nanoTime() - nextDue >= 0 || heardOfDue) {
                releaseDue();
            }
            var room = room(max);
            if (room > 0) {
                var taken = claim(room);
                if (!taken.isEmpty()) {
                    return taken;
                }
            }
            var left = timeout.minusNanos(System.nanoTime() - start);
            if (!left.isPositive()) {
                return List.of();
            }
            var untilDue = Duration.ofNanos(nextDue - System.nanoTime());
            try {
                signal.await(seen, min(left, min(untilDue, SAFETY_LOOK)));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return List.of();
            }
        }
    }

    /// The database is asked only when something is due, a message for later has come, or the last
    /// look is long ago.
    private void releaseDue() {
        heardOfDue = false;
        var wait = broker.releaseDue(queues.keySet()).orElse(SAFETY_LOOK);
        nextDue = System.nanoTime() + min(wait, SAFETY_LOOK).toNanos();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    @Override
    public void prefetch(int count) {
        synchronized (this) {
            prefetch = count;
        }
        signal.raise();
    }

    private List<Delivery> claim(int room) {
        List<Claimed> rows;
        try {
            rows = broker.claim(claim(), rotation, positions, room);
        } catch (LeaseLostException _) {
            positions.forget();
            broker.renewLeases();
            return List.of();
        } catch (RuntimeException e) {
            positions.forget(); // what it has reached may have been undone
            throw e;
        }
        // The next call begins with another queue, so that a full one does not starve the rest.
        Collections.rotate(rotation, -1);
        synchronized (this) {
            for (var row : rows) {
                if (row.claim != NO_CLAIM && row.claim == claim) {
                    held++;
                }
            }
        }
        return rows.stream().map(this::deliver).toList();
    }

    private Delivery deliver(Claimed row) {
        return new JdbcDelivery(this, row, broker.decode(row.row));
    }

    void settle(Claimed row, boolean requeue) {
        try {
            if (isStillOurs(row)) {
                broker.settle(List.of(row), requeue);
                if (requeue) {
                    positions.forget();
                }
            }
        } finally {
            makeRoom(row);
        }
    }

    /// There is room for another from now on, not only when the database has heard of it.
    void acknowledgeSoon(Claimed row) {
        if (acknowledgements.leave(row)) {
            makeRoom(row);
        } else {
            settle(row, false);
        }
    }

    /// Those whose lease was lost since are others' by now, and are found no more.
    private void acknowledge(List<Claimed> rows) {
        broker.settle(rows, false);
    }

    /// Whether the row still has this consumer's claim: neither was the lease lost since, nor has
    /// the consumer given all back.
    private synchronized boolean isStillOurs(Claimed row) {
        return !closed && row.claim == claim;
    }

    /// The row counts against the prefetch limit no more.
    private void makeRoom(Claimed row) {
        synchronized (this) {
            if (row.claim != claim) {
                return; // it was not counted any more
            }
            var full = held == prefetch;
            held--;
            if (!full) {
                return; // nobody waits for room
            }
        }
        signal.raise();
    }

    private synchronized int room(int max) {
        return prefetch == 0 ? max : Math.min(max, prefetch - held);
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    /// The number that it claims under.
    synchronized long claim() {
        return claim;
    }

    /// Its lease was lost, and it has a new number.
    void renumber(long lost, long newClaim) {
        synchronized (this) {
            if (claim != lost) {
                return;
            }
            claim = newClaim;
            LOG.atLevel(held > 0 || !acknowledgements.isIdle() ? Level.WARN : Level.DEBUG)
                    .log(
                            "the lease on messages from {} has run out; {} are delivered again, and those whose acknowledgement was under way",
                            broker.description(),
                            held);
            held = 0;
        }
        positions.forget();
        signal.raise();
    }

    Collection<Queue> queues() {
        return queues.values();
    }

    /// Something happened in a queue; empty for any.
    void heard(String queue) {
        var isForLater =
                queue.isEmpty()
                        || queues.keySet().stream()
                                .anyMatch(name -> DueMessages.isTopicOf(queue, name));
        if (isForLater) {
            heardOfDue = true;
        }
        if (isForLater || queues.containsKey(queue)) {
            if (queue.isEmpty()) {
                positions.forget();
            } else {
                positions.heard();
            }
            signal.raise();
        }
    }

    @Override
    public void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        signal.raise();
    }

    @Override
    public void close() {
        acknowledgements.close();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        cancel();
        try {
            broker.release(this);
        } catch (MusterException e) {
            LOG.debug("the messages of a closed consumer return when its lease runs out", e);
        }
    }

    /// A row that this consumer has read.
    ///
    /// @param claim under which number; [#NO_CLAIM] when the row is gone
    record Claimed(String queue, long claim, MessageTable.Row row) {}

    /// The number is not known any more.
    static final class LeaseLostException extends RuntimeException {
        LeaseLostException(Throwable cause) {
            super("the lease was lost", cause);
        }
    }
}
