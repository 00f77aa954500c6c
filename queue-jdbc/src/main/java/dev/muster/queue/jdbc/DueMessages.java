package dev.muster.queue.jdbc;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;

/// Messages that are kept back until their time: rows with a `due_at`, which is cleared when it has
/// come. Each reader does that for the queues it reads, so they need no one else. Immutable.
final class DueMessages {
    /// So many become due in one transaction at the most.
    private static final int BATCH = 1000;

    /// Goes before the name of a queue to tell its readers of a message for later, and not of one
    /// to take now.
    private static final String TOPIC = "due:";

    private static final String NEXT =
            """
            SELECT MIN(due_at) - :now FROM muster_message
            WHERE queue = :queue AND due_at IS NOT NULL
            """;
    private static final String RELEASE =
            """
            UPDATE muster_message SET due_at = NULL WHERE id {in (
              SELECT id FROM muster_message
              WHERE queue = :queue AND due_at IS NOT NULL AND due_at <= :now
              ORDER BY due_at LIMIT :max {skip locked})}
            """;

    private final Session session;
    private final Wakeups wakeups;

    DueMessages(Session session, Wakeups wakeups) {
        this.session = session;
        this.wakeups = wakeups;
    }

    /// What the readers of a queue are woken with when a message for later has come.
    static String topic(String queue) {
        return TOPIC + queue;
    }

    static boolean isTopicOf(String topic, String queue) {
        return topic.length() == TOPIC.length() + queue.length()
                && topic.startsWith(TOPIC)
                && topic.endsWith(queue);
    }

    /// Makes what is due ready to be taken.
    ///
    /// @param released told the queues in which there is something to take, after the commit
    /// @return how long until the next message is due; empty while there is none
    Optional<Duration> release(Collection<String> queues, Released released) {
        Optional<Duration> next = Optional.empty();
        for (var queue : queues) {
            var wait = wait(queue);
            if (wait.isPresent() && !wait.get().isPositive()) {
                release(queue, released);
                wait = wait(queue);
            }
            if (next.isEmpty() || (wait.isPresent() && wait.get().compareTo(next.get()) < 0)) {
                next = wait;
            }
        }
        return next;
    }

    private Optional<Duration> wait(String queue) {
        return session.read(transaction ->
                transaction
                        .query(NEXT)
                        .set("queue", queue)
                        .list(row -> {
                            var millis = row.getLong(1);
                            return row.wasNull()
                                    ? Optional.<Duration>empty()
                                    : Optional.of(Duration.ofMillis(millis));
                        })
                        .getFirst());
    }

    private void release(String queue, Released released) {
        released.in(
                session.write(transaction -> {
                    var queues = new TreeSet<String>();
                    if (transaction.query(RELEASE).set("queue", queue).set("max", BATCH).update()
                            > 0) {
                        queues.add(queue);
                        wakeups.beforeCommit(transaction, queues);
                    }
                    return queues;
                }));
    }

    @FunctionalInterface
    interface Released {
        void in(Collection<String> queues);
    }
}
