package dev.muster.queue.jdbc;

import dev.muster.queue.spi.LeaseRounds;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Queue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the claims of this process alive, and frees those of processes that died.
///
/// A thread renews the leases of all consumers of a broker three times per lease, in one
/// transaction, and then removes the consumers of others whose lease has run out; with them the
/// database gives their messages back. Between these rounds it wakes when the next lease of another
/// runs out, so a dead worker's messages come back one lease after its last renewal.
///
/// Who was itself away for some time (a suspended machine, a database that was down) spares the
/// others, as [LeaseRounds] says: they were perhaps away for the same reason.
final class Leases implements AutoCloseable {
    /// How long a queue of replies is kept without reader.
    private static final Duration ABANDONED = Duration.ofHours(1);

    private static final String REGISTER =
            "INSERT INTO muster_consumer (name, lease_until) VALUES (:name, :now + :lease)"
                    + " RETURNING id";
    private static final String RENEW =
            "UPDATE muster_consumer SET lease_until = :now + :lease WHERE id = :id";
    private static final String REMOVE = "DELETE FROM muster_consumer WHERE id = :id";
    private static final String EXPIRED =
            "SELECT id FROM muster_consumer WHERE lease_until <= :now {skip locked}";
    private static final String NEXT_EXPIRY = "SELECT MIN(lease_until) - :now FROM muster_consumer";
    private static final String TOUCH_QUEUE =
            "UPDATE muster_queue SET touched_at = :now WHERE name = :queue AND lifetime = 'REPLIES'";
    private static final String ABANDONED_QUEUES =
            "SELECT name FROM muster_queue WHERE touched_at < :now - :abandoned";

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final Session session;
    private final Wakeups wakeups;
    private final Duration lease;
    private final String owner;
    private final Runnable renewed;
    private final ReentrantLock turn = new ReentrantLock();

    /// Guarded by `turn`.
    private final LeaseRounds rounds;

    private final Signal wake = new Signal();
    private final List<JdbcConsumer> consumers = new CopyOnWriteArrayList<>();

    /// Guarded by this object, as is what follows.
    private @Nullable Thread thread;

    private boolean closed;

    /// @param owner who holds the leases, for people who look into the table
    /// @param renewed called after each round in which the database could be reached
    Leases(Session session, Wakeups wakeups, Duration lease, String owner, Runnable renewed) {
        this.session = session;
        this.wakeups = wakeups;
        this.lease = lease;
        this.rounds = new LeaseRounds(lease);
        this.owner = owner;
        this.renewed = renewed;
    }

    /// A number under which a new consumer may claim.
    long register() {
        return session.write(this::register);
    }

    private long register(Session.Transaction transaction) throws SQLException {
        return transaction
                .query(REGISTER)
                .set("name", owner)
                .set("lease", lease.toMillis())
                .number();
    }

    synchronized void add(JdbcConsumer consumer) {
        consumers.add(consumer);
        if (thread == null && !closed) {
            // Not a virtual thread: tasks that keep all carriers busy must not cost the leases.
            thread = Thread.ofPlatform().daemon().name("muster-leases").start(this::run);
        }
    }

    void remove(JdbcConsumer consumer) {
        consumers.remove(consumer);
    }

    static void remove(Session.Transaction transaction, long claim) throws SQLException {
        transaction.query(REMOVE).set("id", claim).update();
    }

    private void run() {
        while (!isClosed()) {
            var seen = wake.count();
            try {
                wake.await(seen, round());
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// One round of renewals. Others wait.
    ///
    /// @return when the next is due
    Duration round() {
        turn.lock();
        try {
            rounds.begin();
            var outcome = session.write(this::renew);
            rounds.end();
            outcome.renumbered.forEach(
                    change -> change.consumer.renumber(change.lost, change.claim));
            if (outcome.freed) {
                wakeups.afterCommit(List.of(""));
            }
            renewed.run();
            return pause(outcome.nextExpiry);
        } catch (MusterException | SQLException e) {
            if (!isClosed()) {
                LOG.debug("the leases of {} could not be renewed; trying again", owner, e);
            }
            return rounds.untilNext();
        } catch (RuntimeException e) { // a defect, which must not cost the leases
            LOG.error("renewing leases failed", e);
            return rounds.untilNext();
        } finally {
            turn.unlock();
        }
    }

    /// Until the next round, or until a lease runs out that can be ended then.
    private Duration pause(long nextExpiry) {
        var round = rounds.untilNext();
        var expiry = Duration.ofMillis(nextExpiry + 1);
        return nextExpiry > 0 && rounds.mayEndOthers() && expiry.compareTo(round) < 0
                ? expiry
                : round;
    }

    private Outcome renew(Session.Transaction transaction) throws SQLException {
        var renumbered = new ArrayList<Renumbered>();
        for (var consumer : consumers) {
            var claim = consumer.claim();
            var renewed =
                    transaction
                            .query(RENEW)
                            .set("lease", lease.toMillis())
                            .set("id", claim)
                            .update();
            if (renewed == 0) {
                renumbered.add(new Renumbered(consumer, claim, register(transaction)));
            }
            for (var queue : consumer.queues()) {
                if (queue.lifetime() == Queue.Lifetime.REPLIES) {
                    transaction.query(TOUCH_QUEUE).set("queue", queue.name()).update();
                }
            }
        }
        var expired = transaction.query(EXPIRED).list(row -> row.getLong(1));
        var mayEndOthers = rounds.mayEndOthers();
        var freed = mayEndOthers && !expired.isEmpty();
        if (mayEndOthers) {
            for (var claim : expired) {
                remove(transaction, claim);
            }
            dropAbandonedQueues(transaction);
        }
        if (freed) {
            wakeups.beforeCommit(transaction, List.of(""));
        }
        return new Outcome(renumbered, freed, transaction.query(NEXT_EXPIRY).number());
    }

    private static void dropAbandonedQueues(Session.Transaction transaction) throws SQLException {
        var abandoned =
                transaction
                        .query(ABANDONED_QUEUES)
                        .set("abandoned", ABANDONED.toMillis())
                        .list(row -> row.getString(1));
        for (var queue : abandoned) {
            Queues.drop(transaction, queue);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        wake.raise();
    }

    private record Renumbered(JdbcConsumer consumer, long lost, long claim) {}

    /// @param nextExpiry in how many milliseconds the next lease runs out; 0 or less when none does
    private record Outcome(List<Renumbered> renumbered, boolean freed, long nextExpiry) {}
}
