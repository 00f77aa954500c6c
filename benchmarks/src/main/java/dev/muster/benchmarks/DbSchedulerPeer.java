package dev.muster.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// db-scheduler's side of the comparison, set up to be fast as its documentation says: tasks are
/// scheduled in batches, taken by one statement that locks them, and at once instead of at the next
/// poll. The limits are those of its own benchmark with 20 threads, so that as many are fetched at
/// a time.
final class DbSchedulerPeer {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final double FETCH_BELOW = 4.0 * 20;
    private static final double FETCH_UP_TO = 20.0 * 20;

    /// The table that its documentation asks for, with the indexes.
    private static final List<String> SCHEMA =
            List.of(
                    """
                    CREATE TABLE IF NOT EXISTS scheduled_tasks (
                      task_name TEXT NOT NULL, task_instance TEXT NOT NULL, task_data BYTEA,
                      execution_time TIMESTAMPTZ, picked BOOLEAN NOT NULL, picked_by TEXT,
                      last_success TIMESTAMPTZ, last_failure TIMESTAMPTZ, consecutive_failures INT,
                      last_heartbeat TIMESTAMPTZ, version BIGINT NOT NULL, priority SMALLINT,
                      state TEXT,
                      PRIMARY KEY (task_name, task_instance))
                    """,
                    "CREATE INDEX IF NOT EXISTS tasks_by_time ON scheduled_tasks (execution_time)",
                    "CREATE INDEX IF NOT EXISTS tasks_by_life ON scheduled_tasks (last_heartbeat)");

    private DbSchedulerPeer() {}

    /// @param args JDBC URL, number of threads, number of tasks
    public static void main(String[] args) throws Exception {
        var left = new AtomicReference<>(new CountDownLatch(0));
        var noop = Tasks.oneTime("bench.noop").execute((_, _) -> left.get().countDown());
        var threads = Integer.parseInt(args[1]);
        try (var source = JdbcPeer.connect(args[0])) {
            try (var connection = source.getConnection();
                    var statement = connection.createStatement()) {
                for (var sql : SCHEMA) {
                    statement.execute(sql);
                }
            }
            var scheduler =
                    Scheduler.create(source, noop)
                            .threads(threads)
                            .pollingInterval(POLL_INTERVAL)
                            .pollUsingLockAndFetch(FETCH_BELOW / threads, FETCH_UP_TO / threads)
                            .enableImmediateExecution()
                            .build();
            scheduler.start();
            JdbcPeer.measure(
                    Integer.parseInt(args[2]),
                    (tasks, latch) -> {
                        left.set(latch);
                        Stream<TaskInstance<?>> instances =
                                Stream.generate(() -> UUID.randomUUID().toString())
                                        .limit(tasks)
                                        .map(noop::instance);
                        scheduler.scheduleBatch(instances, Instant.now());
                    });
            scheduler.stop();
        }
    }
}
