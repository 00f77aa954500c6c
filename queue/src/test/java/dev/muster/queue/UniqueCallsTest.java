package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Task.Unique;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// The sender's side of unique calls; see also the contract in the testkit.
class UniqueCallsTest {
    private static final Json JSON = new Json(true);

    static final class Tasks {
        private Tasks() {}

        @Task(unique = Unique.DROP, uniqueFor = "10m")
        static void import_(String file, int year) {}

        @Task(uniqueBy = "nobody")
        static void wrong(String file) {}

        @Task(uniqueFor = "0")
        static void instantly(String file) {}
    }

    private static String key(Signature<?> call) {
        return new UniqueKey(List.of("file", "year"), List.of(), Duration.ofHours(1))
                .of(call, JSON);
    }

    @Test
    void equalCallsHaveOneKeyHoweverTheyAreWritten() {
        var call = call("t", "a", Map.of("x", 1, "y", List.of(2, 3)));
        var map = new TreeMap<String, Object>(Comparator.reverseOrder());
        map.putAll(Map.of("x", 1L, "y", new int[] {2, 3}));

        assertThat(key(call))
                .isEqualTo(key(call("t").kwarg("year", map).kwarg("file", "a")))
                .isNotEqualTo(key(call("t", "a")))
                .isNotEqualTo(key(call("t", "a", Map.of("x", 1, "y", List.of(3, 2)))))
                .isNotEqualTo(key(call("u", "a", Map.of("x", 1, "y", List.of(2, 3)))))
                .isNotEqualTo(key(call("t", "a", Map.of("x", 1, "y", List.of(2, 3)), "more")));
    }

    @Test
    void onlyTheParametersThatAreNamedCount() {
        var byYear = new UniqueKey(List.of("file", "year"), List.of("year"), Duration.ofHours(1));

        assertThat(byYear.of(call("t", "a", 2030), JSON))
                .isEqualTo(byYear.of(call("t", "b").kwarg("year", 2030), JSON))
                .isNotEqualTo(byYear.of(call("t", "a", 2031), JSON));
    }

    @Test
    void whatCannotBeUniqueIsRefusedWhenItIsRegistered() {
        assertThatThrownBy(() ->
                        TaskDefinition.of(
                                Tasks.class.getDeclaredMethod("wrong", String.class), null))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("'nobody'")
                .hasMessageContaining("[file]");
        assertThatThrownBy(() ->
                        TaskDefinition.of(
                                Tasks.class.getDeclaredMethod("instantly", String.class), null))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("uniqueFor");
    }

    private static Muster.Builder muster(String broker, String store) {
        return Muster.builder()
                .settings(
                        Settings.DEFAULT.withAll(
                                Map.of(
                                        "broker_url",
                                        broker,
                                        "result_backend",
                                        store,
                                        "task_publish_retry",
                                        false)));
    }

    @Test
    void aStoreWithoutClaimsIsNamedWhenACallIsSent() {
        for (var store : List.of("rpc://", "disabled")) {
            try (var muster = muster("memory:", store).build()) {
                assertThatThrownBy(() -> muster.send(call("any").unique(Unique.COALESCE)))
                        .isInstanceOf(MusterException.class)
                        .hasMessageContaining("result_backend");
                assertThatThrownBy(() -> muster.send(call("any").idempotencyKey("1")))
                        .isInstanceOf(MusterException.class)
                        .hasMessageContaining("result_backend");
                assertThat(muster.queueLength("celery")).isZero();
            }
        }
    }

    @Test
    void aCallThatCouldNotBeSentIsInNobodysWay() {
        try (var muster = muster("faulty:", "memory:").build()) {
            var call = call(Tasks::import_, "a", 2030);
            var broker = (FaultyBroker) muster.broker();
            broker.setAway(true);
            assertThatThrownBy(() -> muster.send(call)).isInstanceOf(BrokerException.class);
            broker.setAway(false);
            assertThatThrownBy(() -> muster.sendAll(List.of(call, call("other", new Object() {}))))
                    .isInstanceOf(EncodeException.class);

            assertThat(muster.send(call).isDuplicate()).isFalse();
            assertThat(muster.send(call).isDuplicate()).isTrue();
        }
    }

    @Test
    void onlyWhatWasSentOfManyStaysClaimed() {
        try (var muster = muster("memory:", "memory:").build()) {
            var sent = call(Tasks::import_, "a", 2030);
            var unsent = call(Tasks::import_, "b", 2030);
            var calls = new ArrayList<Signature<?>>();
            calls.add(sent);
            calls.addAll(Collections.nCopies(999, call("any")));
            calls.add(unsent);
            calls.add(call("other", new Object() {}));
            assertThatThrownBy(() -> muster.sendAll(calls)).isInstanceOf(EncodeException.class);

            assertThat(muster.send(sent).isDuplicate()).isTrue();
            assertThat(muster.send(unsent).isDuplicate()).isFalse();
        }
    }

    @Test
    void aClaimOfWhichTheSenderDoesNotHearIsInNobodysWay() {
        try (var muster = muster("memory:", "faulty:").build()) {
            var call = call(Tasks::import_, "a", 2030);
            var store = (FaultyResultStore) muster.store();
            store.afterClaiming(() -> {
                throw new ResultStoreException("the answer is lost", null);
            });
            assertThatThrownBy(() -> muster.send(call)).isInstanceOf(ResultStoreException.class);
            store.afterClaiming(() -> {});

            assertThat(muster.send(call).isDuplicate()).isFalse();
        }
    }

    @Test
    void aLostCallIsInTheWayNoLongerThanItMay() {
        var now = new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
        try (var muster = muster("memory:", "memory:").clock(now::get).build()) {
            var call = call(Tasks::import_, "a", 2030);
            muster.send(call);
            muster.purge("celery");

            now.set(now.get().plus(Duration.ofMinutes(10).minusMillis(1)));
            assertThat(muster.send(call).isDuplicate()).isTrue();
            now.set(now.get().plusMillis(1));
            assertThat(muster.send(call).isDuplicate()).isFalse();
        }
    }

    @Test
    void aTaskThatHasEndedElsewhereIsInNobodysWay() {
        try (var muster = muster("memory:", "memory:").build()) {
            var call = call(Tasks::import_, "a", 2030);
            var first = muster.send(call);
            // As a Python worker leaves it, which knows no claims.
            muster.store()
                    .store(
                            new ResultRecord(first.id(), State.SUCCESS, null, null, null, Map.of()),
                            null);

            assertThat(muster.send(call).isDuplicate()).isFalse();
        }
    }

    @Test
    void anEqualCallIsNotSentEvenUnderTheSameId() {
        try (var muster = muster("memory:", "memory:").build()) {
            var call = call(Tasks::import_, "a", 2030).id("import-a-2030");
            assertThat(muster.send(call).isDuplicate()).isFalse();
            var second = muster.send(call);

            assertThat(second.isDuplicate()).isTrue();
            assertThat(second.id()).isEqualTo("import-a-2030");
            assertThat(muster.sendAll(List.of(call, call)))
                    .allSatisfy(result -> assertThat(result.isDuplicate()).isTrue());
            assertThat(muster.queueLength("celery")).isEqualTo(1);
        }
    }
}
