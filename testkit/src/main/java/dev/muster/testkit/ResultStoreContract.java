package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every [ResultStore] must do. Extend it, and open stores on one server.
///
/// Each test has two stores, as two processes would: a worker, which stores, and a client, which
/// fetches and awaits. The worker is given the client's reply address with each record, so that the
/// contract holds for results that travel as messages, too; for their sake a fetch may have to wait
/// a moment for what was stored.
@Timeout(180)
public abstract class ResultStoreContract {
    /// Long enough that only a lost record or wake-up lets it pass.
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Deque<ResultStore> opened = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable ResultStore worker;
    private @Nullable ResultStore client;

    /// Opens a store as another process would: on the same server, sharing nothing with those
    /// opened before. It is closed after the test.
    ///
    /// @param expires the setting `result_expires`
    protected abstract ResultStore openStore(Duration expires) throws Exception;

    /// Lets time pass for the store, where it reads a clock that stands still; elsewhere time
    /// passes by itself.
    protected void passTime(Duration duration) {}

    /// Whether the store drops records after `result_expires` by itself.
    protected boolean expiresRecords() {
        return true;
    }

    @AfterEach
    final void closeWhatWasOpened() throws Exception {
        threads.shutdownNow();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS))
                .as("threads of the test end")
                .isTrue();
    }

    @Test
    void anUnknownTaskHasNoRecord() throws Exception {
        assertThat(client().fetch(newId())).isEmpty();
    }

    static Stream<@Nullable Object> values() {
        var nested = new LinkedHashMap<String, @Nullable Object>();
        nested.put("nothing", null);
        nested.put("list", Arrays.asList(1L, null, List.of(2.5, "x"), Map.of()));
        nested.put("größe", Map.of("deep", Map.of("deeper", List.of(true, false))));
        return Stream.of(
                null,
                true,
                false,
                0L,
                -1L,
                42L,
                (1L << 53) + 1,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                0.1,
                2.0,
                -1.5e300,
                "",
                "text",
                "größer 漢字 \uD83D\uDE80 \u0001\t\"\\\n",
                "x".repeat(1 << 20),
                List.of(),
                Map.of(),
                List.of(1L, "two", 3.0),
                nested);
    }

    @ParameterizedTest
    @MethodSource("values")
    void resultsOfEveryTypeArriveAsTheyWere(@Nullable Object value) throws Exception {
        var id = newId();

        store(success(id, value));

        assertThat(fetched(id).result()).isEqualTo(value);
        assertThat(fetched(id).state()).isEqualTo(State.SUCCESS);
        assertThat(awaited(client().await(id)).result()).isEqualTo(value);
    }

    @Test
    void everyFieldArrivesAsItWas() throws Exception {
        var id = newId();
        var failure =
                mapOf("exc_type", "ValueError", "exc_message", List.of("bad"), "exc_module", "x");
        var others = new LinkedHashMap<String, @Nullable Object>();
        others.put("children", List.of());
        others.put("group_id", newId());
        others.put("parent_id", null);
        others.put("name", "tasks.add");
        others.put("args", List.of(1L, 2L));
        others.put("kwargs", Map.of("größe", "groß"));
        others.put("retries", 3L);
        var done = Instant.parse("2026-02-28T23:59:59.123456Z");
        var record =
                new ResultRecord(
                        id, State.FAILURE, failure, "Traceback:\n  line 1\n", done, others);

        store(record);

        var arrived = fetched(id);
        assertThat(arrived.taskId()).isEqualTo(id);
        assertThat(arrived.state()).isEqualTo(State.FAILURE);
        assertThat(arrived.result()).isEqualTo(failure);
        assertThat(arrived.traceback()).isEqualTo("Traceback:\n  line 1\n");
        assertThat(arrived.dateDone()).isEqualTo(done);
        assertThat(arrived.others()).containsAllEntriesOf(others);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTED", "RETRY", "PROGRESS"})
    void aStateOnTheWayCanBeFetchedAndReplaced(String name) throws Exception {
        var id = newId();
        store(record(id, new State(name), mapOf("done", 0.5)));
        assertThat(fetched(id).state()).isEqualTo(new State(name));
        assertThat(fetched(id).dateDone()).isNull();

        store(success(id, 1L));

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(fetched(id).state()).isEqualTo(State.SUCCESS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILURE", "RETRY", "STARTED", "REVOKED", "SUCCESS"})
    void aSuccessIsNeverOverwritten(String name) throws Exception {
        var id = newId();
        var marker = newId();
        store(success(id, "first"));

        store(record(id, new State(name), mapOf("exc_type", "Late", "exc_message", "")));
        store(success(marker, null));

        awaited(client().await(marker)); // whatever travels has arrived by now
        assertThat(fetched(id).state()).isEqualTo(State.SUCCESS);
        assertThat(fetched(id).result()).isEqualTo("first");
        assertThat(awaited(client().await(id)).result()).isEqualTo("first");
    }

    @Test
    void aFailureGivesWayToALaterSuccess() throws Exception {
        var id = newId();
        store(record(id, State.FAILURE, mapOf("exc_type", "Once", "exc_message", "")));

        store(success(id, "second try"));

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(fetched(id).result()).isEqualTo("second try"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESS", "FAILURE", "REVOKED"})
    void anAwaitBeforeTheStoreIsWoken(String name) throws Exception {
        var id = newId();
        var future = client().await(id);
        assertThat(future).isNotDone();

        var outcome = mapOf("exc_type", "Any", "exc_message", "");
        store(record(id, new State(name), outcome));

        var arrived = awaited(future);
        assertThat(arrived.taskId()).isEqualTo(id);
        assertThat(arrived.state()).isEqualTo(new State(name));
        assertThat(arrived.result()).isEqualTo(outcome);
    }

    @Test
    void anAwaitAfterTheStoreFindsTheRecord() throws Exception {
        var id = newId();
        store(success(id, 7L));

        assertThat(awaited(client().await(id)).result()).isEqualTo(7L);
        assertThat(awaited(client().await(id)).result()).isEqualTo(7L);
    }

    @Test
    void statesOnTheWayDoNotEndAWait() throws Exception {
        var id = newId();
        store(record(id, State.STARTED, null));
        var future = client().await(id);
        store(record(id, State.RETRY, mapOf("exc_type", "Again", "exc_message", "")));
        store(record(id, new State("PROGRESS"), 0.5));
        assertThat(future).isNotDone();

        store(success(id, "done"));

        assertThat(awaited(future).state()).isEqualTo(State.SUCCESS);
    }

    @Test
    void everyWaiterOfATaskIsWoken() throws Exception {
        var id = newId();
        var futures = List.of(client().await(id), client().await(id), client().await(id));

        store(success(id, "all"));

        for (var future : futures) {
            assertThat(awaited(future).result()).isEqualTo("all");
        }
    }

    @Test
    void aThousandTasksCanBeAwaitedAtOnce() throws Exception {
        var ids = IntStream.range(0, 1_000).mapToObj(_ -> newId()).toList();
        var futures = new LinkedHashMap<String, CompletableFuture<ResultRecord>>();
        for (var id : ids) {
            futures.put(id, client().await(id));
        }
        var shuffled = new ArrayList<>(ids);
        Collections.shuffle(shuffled);

        for (var id : shuffled) {
            store(success(id, "result of " + id));
        }

        for (var waiting : futures.entrySet()) {
            assertThat(awaited(waiting.getValue()).taskId()).isEqualTo(waiting.getKey());
            assertThat(awaited(waiting.getValue()).result())
                    .isEqualTo("result of " + waiting.getKey());
        }
    }

    @Test
    void tasksThatHaveEndedAndOthersAreAwaitedTogether() throws Exception {
        var ids = IntStream.range(0, 1_200).mapToObj(_ -> newId()).toList();
        var early = IntStream.range(0, ids.size()).filter(index -> index % 3 == 0).boxed().toList();
        for (var index : early) {
            store(success(ids.get(index), ids.get(index)));
        }
        var twice = new ArrayList<>(ids);
        twice.addAll(ids.subList(0, 10));

        var futures = client().await(twice);

        for (var index = 0; index < ids.size(); index++) {
            if (!early.contains(index)) {
                store(success(ids.get(index), ids.get(index)));
            }
        }
        assertThat(futures).hasSameSizeAs(twice);
        for (var index = 0; index < twice.size(); index++) {
            assertThat(awaited(futures.get(index)).taskId()).isEqualTo(twice.get(index));
        }
    }

    @Test
    void noWakeUpIsLostWhenAwaitAndStoreMeet() throws Exception {
        var client = client();
        var stored = new ArrayList<Future<?>>();
        var found = new ArrayList<Future<ResultRecord>>();
        for (var round = 0; round < 1_000; round++) {
            var id = newId();
            stored.add(
                    threads.submit(() -> {
                        store(success(id, id));
                        return null;
                    }));
            found.add(threads.submit(() -> awaited(client.await(id))));
        }

        for (var one : stored) {
            one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        for (var one : found) {
            var arrived = one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(arrived.result()).isEqualTo(arrived.taskId());
        }
    }

    @Test
    void aCancelledWaitDisturbsNobody() throws Exception {
        var id = newId();
        var cancelled = client().await(id);
        var kept = client().await(id);

        cancelled.cancel(false);
        store(success(id, "still here"));

        assertThat(awaited(kept).result()).isEqualTo("still here");
        assertThat(cancelled).isCancelled();
        assertThat(awaited(client().await(id)).result()).isEqualTo("still here");
    }

    @Test
    void aTaskCanBeAwaitedAgainAfterACancelledWait() throws Exception {
        var id = newId();
        client().await(id).cancel(false);

        var again = client().await(id);
        store(success(id, "later"));

        assertThat(awaited(again).result()).isEqualTo("later");
    }

    @Test
    void aForgottenRecordIsGone() throws Exception {
        var id = newId();
        store(success(id, "soon forgotten"));
        fetched(id);

        client().forget(id);

        assertThat(client().fetch(id)).isEmpty();
        client().forget(id);
        client().forget(newId());
    }

    @Test
    void closingTheStoreEndsItsWaits() throws Exception {
        var waiting = client().await(newId());

        client().close();
        client().close();

        assertThatThrownBy(() -> awaited(waiting)).hasCauseInstanceOf(ResultStoreException.class);
    }

    @Test
    void recordsExpire() throws Exception {
        if (!expiresRecords()) {
            return;
        }
        var lifetime = Duration.ofSeconds(2);
        var store = openStore(lifetime);
        opened.push(store);
        var id = newId();
        store.store(success(id, "mortal"), store.replyAddress().orElse(null));
        fetched(store, id);

        passTime(lifetime);

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(store.fetch(id)).isEmpty());
    }

    @Test
    void cleaningUpKeepsWhatHasNotExpired() throws Exception {
        var id = newId();
        store(success(id, "stays"));
        fetched(id);

        worker().cleanUp();
        client().cleanUp();

        assertThat(fetched(id).result()).isEqualTo("stays");
    }

    @Test
    void aRecordStaysUntilItExpires() throws Exception {
        var id = newId();
        store(success(id, "stays"));

        passTime(Duration.ofHours(1));

        assertThat(fetched(id).result()).isEqualTo("stays");
    }

    /// The store of the worker, which stores.
    protected final synchronized ResultStore worker() throws Exception {
        if (worker == null) {
            worker = openStore(Duration.ofDays(1));
            opened.push(worker);
        }
        return worker;
    }

    /// The store of the client, which fetches and awaits.
    protected final synchronized ResultStore client() throws Exception {
        if (client == null) {
            client = openStore(Duration.ofDays(1));
            opened.push(client);
        }
        return client;
    }

    /// Stores as the worker, for the client.
    protected final void store(ResultRecord record) throws Exception {
        worker().store(record, client().replyAddress().orElse(null));
    }

    /// What the client finds, as soon as it finds anything.
    protected final ResultRecord fetched(String taskId) throws Exception {
        return fetched(client(), taskId);
    }

    private static ResultRecord fetched(ResultStore store, String taskId) {
        return Awaitility.await()
                .pollDelay(Duration.ZERO)
                .atMost(PATIENCE)
                .until(() -> store.fetch(taskId), Optional::isPresent)
                .orElseThrow();
    }

    /// The record, within [#PATIENCE].
    protected static ResultRecord awaited(CompletableFuture<ResultRecord> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    protected static String newId() {
        return UUID.randomUUID().toString();
    }

    /// A finished task with a value.
    protected static ResultRecord success(String taskId, @Nullable Object value) {
        return record(taskId, State.SUCCESS, value);
    }

    private static ResultRecord record(String taskId, State state, @Nullable Object result) {
        var done = state.isReady() ? Instant.parse("2026-01-02T03:04:05.678901Z") : null;
        return new ResultRecord(taskId, state, result, null, done, Map.of());
    }

    private static Map<String, Object> mapOf(Object... namesAndValues) {
        var map = new LinkedHashMap<String, Object>();
        for (var index = 0; index < namesAndValues.length; index += 2) {
            map.put((String) namesAndValues[index], namesAndValues[index + 1]);
        }
        return map;
    }
}
