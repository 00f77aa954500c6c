package dev.muster.queue.jdbc;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Results in a database: one row per task, the record as JSON. What several threads store at the
/// same time is one transaction.
final class JdbcResultStore implements ResultStore {
    private static final int BATCH = 500;
    private static final int CLEAN_ROWS = 1_000;
    private static final Duration CLEAN_EVERY = Duration.ofMinutes(1);

    private static final String RECORD =
            """
            SELECT record FROM muster_result
            WHERE task_id = :task_id AND (expires_at IS NULL OR expires_at > :now)
            """;
    private static final String FORGET = "DELETE FROM muster_result WHERE task_id = :task_id";
    private static final String CLEAN =
            """
            DELETE FROM muster_result WHERE id {in (
              SELECT id FROM muster_result WHERE expires_at <= :now LIMIT :max {skip locked})}
            """;

    private static final String CLEAN_GROUPS =
            """
            DELETE FROM muster_group WHERE group_id {in (
              SELECT group_id FROM muster_group WHERE expires_at <= :now LIMIT :max {skip locked})}
            """;

    private static final String CLEAN_CLAIMS =
            """
            DELETE FROM muster_claim WHERE claim_key {in (
              SELECT claim_key FROM muster_claim
              WHERE expires_at <= :now LIMIT :max {skip locked})}
            """;

    /// A start that has passed is as good as none. There are few rows: one for each task and rate.
    private static final String CLEAN_RATES =
            """
            DELETE FROM muster_rate WHERE rate_key {in (
              SELECT rate_key FROM muster_rate WHERE next_at <= :now * 1000 {skip locked})}
            """;

    private static final Logger LOG = LoggerFactory.getLogger(JdbcResultStore.class);

    private final Dialect dialect;
    private final @Nullable Duration lifetime;
    private final ResultFormat format;
    private final Session writing;
    private final Session reading;
    private final Wakeups wakeups;
    private final ResultWaiters waiters;
    private final JdbcGroups groups;
    private final JdbcClaims claims;
    private final JdbcRates rates;
    private final Batcher<Stored> records = new Batcher<>(BATCH, this::storeBatch);

    /// Guarded by the turn of the batches; the first batch cleans up.
    private long nextCleaning = System.nanoTime();

    /// @param lifetime how long results are kept; null for ever
    JdbcResultStore(Dialect dialect, @Nullable Duration lifetime) {
        this.dialect = dialect;
        this.lifetime = lifetime;
        var json = new Json(true);
        this.format = new ResultFormat(json);
        this.writing = new Session(dialect, Dialect.Purpose.RESULTS, this::failure);
        this.reading = new Session(dialect, Dialect.Purpose.RESULTS, this::failure);
        this.wakeups = dialect.wakeups(Topic.RESULTS);
        this.groups = new JdbcGroups(writing, reading, lifetime, json);
        this.claims = new JdbcClaims(writing);
        this.rates = new JdbcRates(writing);
        this.waiters = new ResultWaiters(dialect, reading, wakeups, json, format);
    }

    private RuntimeException failure(SQLException error) {
        return new ResultStoreException(
                "result store %s: %s".formatted(description(), dialect.explain(error).message()),
                error);
    }

    @Override
    public void store(ResultRecord record, @Nullable String replyTo) {
        records.submit(
                new Stored(
                        record.taskId(),
                        record.state().name(),
                        record.state().isReady(),
                        format.write(record)));
    }

    private void storeBatch(List<Stored> batch) {
        var ended = new ArrayList<String>();
        var cleans = System.nanoTime() - nextCleaning >= 0;
        writing.write(transaction -> {
            var store = transaction.query(dialect.storeResult());
            for (var record : batch) {
                store.set("task_id", record.taskId)
                        .set("state", record.state)
                        .set("lifetime", lifetime == null ? null : lifetime.toMillis())
                        .set("record", record.json)
                        .addBatch();
                if (record.isReady) {
                    ended.add(record.taskId);
                }
            }
            store.updateBatch();
            if (!ended.isEmpty()) {
                wakeups.beforeCommit(transaction, ended);
            }
            if (cleans && clean(transaction)) {
                nextCleaning = System.nanoTime() + CLEAN_EVERY.toNanos();
            }
            return ended;
        });
        if (!ended.isEmpty()) {
            try {
                wakeups.afterCommit(ended);
            } catch (SQLException e) {
                LOG.debug("those who wait for results were not woken", e);
            }
        }
    }

    /// @return whether nothing is left that has expired
    private static boolean clean(Session.Transaction transaction) throws SQLException {
        var groups = transaction.query(CLEAN_GROUPS).set("max", CLEAN_ROWS).update();
        var results = transaction.query(CLEAN).set("max", CLEAN_ROWS).update();
        transaction.query(CLEAN_RATES).update();
        var claims = transaction.query(CLEAN_CLAIMS).set("max", CLEAN_ROWS).update();
        return Math.max(Math.max(groups, results), claims) < CLEAN_ROWS;
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        var rows =
                reading.read(transaction ->
                        transaction
                                .query(RECORD)
                                .set("task_id", taskId)
                                .list(row -> row.getBytes(1)));
        return rows.stream().findFirst().map(json -> decode(taskId, json));
    }

    private ResultRecord decode(String taskId, byte[] json) {
        try {
            return format.read(json);
        } catch (DecodeException e) {
            throw ResultWaiters.unreadable(taskId, e);
        }
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        return waiters.await(taskId);
    }

    @Override
    public void forget(String taskId) {
        writing.write(transaction -> transaction.query(FORGET).set("task_id", taskId).update());
    }

    @Override
    public Optional<GroupStore> groups() {
        return Optional.of(groups);
    }

    @Override
    public Optional<ClaimStore> claims() {
        return Optional.of(claims);
    }

    @Override
    public Optional<RateStore> rates() {
        return Optional.of(rates);
    }

    @Override
    public void cleanUp() {
        var clean = false;
        while (!clean) {
            clean = writing.write(JdbcResultStore::clean);
        }
    }

    @Override
    public String description() {
        return dialect.description();
    }

    @Override
    public void close() {
        waiters.close();
        try {
            wakeups.close();
        } catch (SQLException e) {
            LOG.debug("closing {}", description(), e);
        }
        reading.close();
        writing.close();
        dialect.close();
    }

    private record Stored(String taskId, String state, boolean isReady, byte[] json) {}
}
