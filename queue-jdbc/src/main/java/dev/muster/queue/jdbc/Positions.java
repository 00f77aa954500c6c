package dev.muster.queue.jdbc;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How far a consumer has taken from its queues: before that hardly anything waits.
///
/// Who begins at the head of a queue reads again all that was taken from it, until the database has
/// swept it away: in PostgreSQL that is after 0.2 to 0.6 s, because a commit that does not wait for
/// the disk leaves no mark on a row before. So the head is looked at when nothing is left behind a
/// position, and once in a while: a message may come there later, from a transaction that began
/// before others, from a consumer that has given it back, or from a connection that was lost while
/// it took it.
///
/// Thread-safe.
final class Positions {
    /// How long a message waits at the head, if it was heard of, while there are others.
    private static final Duration AFTER_NEWS = Duration.ofMillis(50);

    /// How long it waits if it was not.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// By queue. Guarded by this object, as is what follows.
    private final Map<String, Position> reached = new HashMap<>();

    private final Set<String> finished = new HashSet<>();
    private boolean hasNews;
    private long forgotten;
    private long since = System.nanoTime();

    /// A row, in the order in which a queue is read.
    record Position(int priority, long id) {}

    /// What is known of one queue when it is looked at.
    ///
    /// @param position null for the head
    /// @param number of the look at the head before
    record Look(@Nullable Position position, long number) {}

    synchronized Look look(String queue) {
        var age = System.nanoTime() - since;
        if (age > (hasNews ? AFTER_NEWS : LONGEST).toNanos()) {
            forget();
        }
        return new Look(reached.get(queue), forgotten);
    }

    /// @param look what was known before
    synchronized void reach(String queue, Position position, Look look) {
        if (look.number == forgotten) {
            reached.put(queue, position);
            finished.remove(queue);
        }
    }

    /// Nothing was left in a queue, neither there nor at its head.
    synchronized void finish(String queue) {
        finished.add(queue);
    }

    /// The queues that probably have more.
    synchronized Set<String> unfinished() {
        var unfinished = new HashSet<>(reached.keySet());
        unfinished.removeAll(finished);
        return unfinished;
    }

    /// Somebody has put something into a queue.
    synchronized void heard() {
        hasNews = true;
    }

    /// The head is looked at next.
    synchronized void forget() {
        reached.clear();
        finished.clear();
        hasNews = false;
        forgotten++;
        since = System.nanoTime();
    }
}
