package dev.muster.queue.redis;

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
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// Results in Redis as Celery keeps them (celery-wire 4.1): a key per task, and a message on the
/// channel of the same name when it is written.
///
/// Concurrent calls share one pipeline; all waiting futures share one subscription.
final class RedisResultStore implements ResultStore {
    private static final int BATCH = 500;

    private final RedisServers servers;
    private final String prefix;
    private final long expiresSeconds;
    private final ResultFormat format;
    private final Session session;
    private final Batcher<Call> batches = new Batcher<>(BATCH, this::run);
    private final ResultWaits waits;
    private final RedisGroups groups;
    private final RedisClaims claims;
    private final RedisRates rates;

    /// @param prefix of the keys, separator included
    /// @param expires how long results are kept; empty for ever
    /// @param orderedChords whether the members of chords are kept by their place
    RedisResultStore(
            RedisServers servers,
            String prefix,
            Optional<Duration> expires,
            boolean orderedChords,
            Settings settings) {
        this.servers = servers;
        this.prefix = prefix;
        // Redis takes whole seconds, and what is to be kept at all lives for one at least.
        this.expiresSeconds =
                expires.filter(Duration::isPositive)
                        .map(e -> Math.max(1, e.toSeconds()))
                        .orElse(0L);
        var json = new Json(settings.get(Setting.JSON_TYPED_VALUES));
        this.format = new ResultFormat(json);
        this.session = new Session(servers, Failures.RESULTS);
        this.groups = new RedisGroups(prefix, expiresSeconds, orderedChords, json, this::call);
        this.claims = new RedisClaims(prefix, this::call);
        this.rates = new RedisRates(prefix, this::call);
        this.waits = new ResultWaits(servers, session, format);
    }

    @Override
    public void store(ResultRecord record, @Nullable String replyTo) {
        var key = List.of(key(record.taskId()));
        call(Command.script(Script.STORE, key, List.of(format.write(record), expiresSeconds)));
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        return call(Command.of("GET", key(taskId))) instanceof byte[] text
                ? Optional.of(read(taskId, text))
                : Optional.empty();
    }

    private ResultRecord read(String taskId, byte[] text) {
        try {
            return format.read(text);
        } catch (DecodeException e) {
            throw new ResultStoreException(
                    "what %s holds for task %s is no result: %s"
                            .formatted(servers, taskId, e.getMessage()),
                    e);
        }
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        return waits.await(key(taskId));
    }

    /// Most results of a group are there when it is waited for, or none is: so all are read first,
    /// and what is missing is subscribed.
    @Override
    public List<CompletableFuture<ResultRecord>> await(List<String> taskIds) {
        var futures = new ArrayList<CompletableFuture<ResultRecord>>(taskIds.size());
        for (var start = 0; start < taskIds.size(); start += BATCH) {
            var end = Math.min(start + BATCH, taskIds.size());
            futures.addAll(awaitBatch(taskIds.subList(start, end)));
        }
        return futures;
    }

    private List<CompletableFuture<ResultRecord>> awaitBatch(List<String> taskIds) {
        var calls = taskIds.stream().map(id -> new Call(Command.of("GET", key(id)))).toList();
        try {
            run(calls);
        } catch (ResultStoreException e) {
            if (!Failures.isPassing(e.getCause())) {
                return Collections.nCopies(taskIds.size(), CompletableFuture.failedFuture(e));
            }
        }
        var found = new HashMap<String, CompletableFuture<ResultRecord>>();
        var missing = new ArrayList<String>();
        for (var index = 0; index < taskIds.size(); index++) {
            var id = taskIds.get(index);
            found(id, calls.get(index).answer)
                    .ifPresentOrElse(future -> found.put(id, future), () -> missing.add(key(id)));
        }
        var waiting = waits.await(missing).iterator();
        return taskIds.stream()
                .map(id -> found.containsKey(id) ? found.get(id) : waiting.next())
                .toList();
    }

    /// What has been read of a task, if that ends the wait.
    private Optional<CompletableFuture<ResultRecord>> found(String id, @Nullable Object answer) {
        try {
            return switch (answer) {
                case byte[] text ->
                        Optional.of(read(id, text))
                                .filter(record -> record.state().isReady())
                                .map(CompletableFuture::completedFuture);
                case JedisDataException e -> throw Failures.RESULTS.of(servers.toString(), e);
                case null, default -> Optional.empty();
            };
        } catch (ResultStoreException e) {
            return Failures.isPassing(e.getCause())
                    ? Optional.empty()
                    : Optional.of(CompletableFuture.failedFuture(e));
        }
    }

    @Override
    public void forget(String taskId) {
        call(Command.of("DEL", key(taskId)));
    }

    private String key(String taskId) {
        return prefix + "celery-task-meta-" + taskId;
    }

    private @Nullable Object call(Command command) {
        var call = new Call(command);
        batches.submit(call);
        if (call.answer instanceof JedisDataException e) {
            throw Failures.RESULTS.of(servers.toString(), e);
        }
        return call.answer;
    }

    private void run(List<Call> calls) {
        session.use(connection -> {
            var answers = connection.pipeline(calls.stream().map(c -> c.command).toList());
            for (var i = 0; i < calls.size(); i++) {
                calls.get(i).answer = answers.get(i);
            }
            return null;
        });
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
    public String description() {
        return servers.toString();
    }

    @Override
    public void close() {
        waits.close();
        session.close();
    }

    /// One command and its answer, which may be an error.
    private static final class Call {
        private final Command command;
        private @Nullable Object answer;

        private Call(Command command) {
            this.command = command;
        }
    }
}
