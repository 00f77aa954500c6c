package dev.muster.queue.jdbc;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.AwaitedResults;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Those who wait for results, and the thread that looks for them when woken. Thread-safe.
///
/// It looks for a task when someone begins to wait for it, and when its name is heard. A wake-up
/// without name means any task: where the ids of rows grow in the order of commits (SQLite) only
/// rows since the last look are read, however many wait; elsewhere all that is waited for. When the
/// database is away it tries again until it is back.
final class ResultWaiters implements AutoCloseable {
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    /// A wake-up that was lost costs no more than this.
    private static final Duration SAFETY_LOOK = Duration.ofSeconds(10);

    private static final int CHUNK = 500;

    private static final String LAST_CHANGE = "SELECT MAX(id) FROM muster_result";
    private static final String CHANGES =
            "SELECT id, task_id FROM muster_result WHERE id > :last ORDER BY id LIMIT :max";
    private static final String RECORDS =
            """
            SELECT task_id, record FROM muster_result
            WHERE task_id {in (SELECT value FROM each_text(:tasks))}
              AND (expires_at IS NULL OR expires_at > :now)
            """;

    private static final Logger LOG = LoggerFactory.getLogger(ResultWaiters.class);

    private final Dialect dialect;
    private final Session session;
    private final Wakeups wakeups;
    private final Json json;
    private final ResultFormat format;
    private final AwaitedResults awaited = new AwaitedResults();
    private final Signal signal = new Signal();
    private final ReentrantLock lock = new ReentrantLock();

    /// Whom to look for. Guarded by the lock, as is what follows.
    private final Set<String> due = new HashSet<>();

    private boolean anyDue;
    private @Nullable Thread thread;

    ResultWaiters(
            Dialect dialect, Session session, Wakeups wakeups, Json json, ResultFormat format) {
        this.dialect = dialect;
        this.session = session;
        this.wakeups = wakeups;
        this.json = json;
        this.format = format;
    }

    CompletableFuture<ResultRecord> await(String taskId) {
        var future = awaited.await(taskId);
        lock.lock();
        try {
            due.add(taskId);
            if (thread == null) {
                thread = Thread.ofVirtual().name("muster-results").start(this::run);
            }
        } finally {
            lock.unlock();
        }
        signal.raise();
        return future;
    }

    private void heard(String taskId) {
        lock.lock();
        try {
            if (taskId.isEmpty()) {
                anyDue = true;
            } else if (awaited.isAwaited(taskId)) {
                due.add(taskId);
            } else {
                return;
            }
        } finally {
            lock.unlock();
        }
        signal.raise();
    }

    private void run() {
        var failures = 0;
        var last = -1L;
        while (!awaited.isClosed()) {
            var seen = signal.count();
            try {
                wakeups.listen(this::heard);
                last = look(last);
                failures = 0;
            } catch (MusterException | SQLException e) {
                failures++;
                LOG.debug("results cannot be looked for; trying again", e);
            }
            try {
                if (failures == 0) {
                    signal.await(seen, SAFETY_LOOK);
                    if (signal.count() == seen) {
                        heard("");
                    }
                } else {
                    // New waiters do not make the database come back sooner.
                    Thread.sleep(BACKOFF.delay(failures - 1));
                }
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    /// @param last the last change that was looked at; negative at the start
    /// @return the last one now
    private long look(long last) {
        var newest = last;
        if (takeAnyDue()) {
            try {
                newest = lookAtChanges(last);
            } catch (MusterException e) {
                heard("");
                throw e;
            }
        } else if (last < 0 && dialect.hasOrderedChanges()) {
            newest = session.read(transaction -> transaction.query(LAST_CHANGE).number());
        }
        var tasks = takeDue();
        try {
            for (var from = 0; from < tasks.size(); from += CHUNK) {
                complete(tasks.subList(from, Math.min(tasks.size(), from + CHUNK)));
            }
        } catch (MusterException e) {
            tasks.forEach(this::heard);
            throw e;
        }
        return newest;
    }

    private boolean takeAnyDue() {
        lock.lock();
        try {
            var any = anyDue;
            anyDue = false;
            return any;
        } finally {
            lock.unlock();
        }
    }

    private List<String> takeDue() {
        lock.lock();
        try {
            var tasks = List.copyOf(due);
            due.clear();
            return tasks;
        } finally {
            lock.unlock();
        }
    }

    private long lookAtChanges(long last) {
        if (last < 0 || !dialect.hasOrderedChanges()) {
            var newest =
                    dialect.hasOrderedChanges()
                            ? session.read(transaction -> transaction.query(LAST_CHANGE).number())
                            : last;
            lock.lock();
            try {
                due.addAll(awaited.keys());
            } finally {
                lock.unlock();
            }
            return newest;
        }
        var from = last;
        while (true) {
            var since = from;
            var changes =
                    session.read(transaction ->
                            transaction
                                    .query(CHANGES)
                                    .set("last", since)
                                    .set("max", CHUNK)
                                    .list(row -> new Change(row.getLong(1), row.getString(2))));
            lock.lock();
            try {
                for (var change : changes) {
                    from = change.id;
                    if (awaited.isAwaited(change.taskId)) {
                        due.add(change.taskId);
                    }
                }
            } finally {
                lock.unlock();
            }
            if (changes.size() < CHUNK) {
                return from;
            }
        }
    }

    private void complete(List<String> tasks) {
        var list = json.writeText(tasks);
        var found =
                session.read(transaction ->
                        transaction
                                .query(RECORDS)
                                .set("tasks", list)
                                .list(row -> new Found(row.getString(1), row.getBytes(2))));
        for (var row : found) {
            try {
                var record = format.read(row.record);
                if (record.state().isReady()) {
                    tell(() -> awaited.found(row.taskId, record));
                }
            } catch (DecodeException e) {
                tell(() -> awaited.failed(row.taskId, unreadable(row.taskId, e)));
            }
        }
    }

    /// Foreign code hangs on it, for which those who wait for other tasks shall not wait.
    private static void tell(Runnable end) {
        Thread.ofVirtual().name("muster-result").start(end);
    }

    static ResultStoreException unreadable(String taskId, DecodeException cause) {
        return new ResultStoreException(
                "the stored result of task %s cannot be read: %s"
                        .formatted(taskId, cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        awaited.close(
                new ResultStoreException(
                        "result store %s has been closed".formatted(dialect.description()), null));
        signal.raise();
    }

    private record Change(long id, String taskId) {}

    private record Found(String taskId, byte[] record) {}
}
