package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.ScheduleStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a store of schedules must do. Extend it, and say how to open the store; each test has a
/// fresh one.
@Timeout(180)
public abstract class ScheduleStoreContract {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Optional<String> ANYBODY = Optional.empty();

    private final Deque<ScheduleStore> opened = new ArrayDeque<>();

    /// Opens the store as another process would, sharing nothing with those opened before but the
    /// place.
    protected abstract ScheduleStore openStore() throws Exception;

    /// Whether a lead runs out by itself; otherwise it ends with the process that has it.
    protected abstract boolean hasLeases();

    @AfterEach
    final void closeWhatWasOpened() {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private ScheduleStore store() throws Exception {
        var store = openStore();
        opened.push(store);
        return store;
    }

    private static ScheduleRecord entry(String name, long version, String value) {
        return new ScheduleRecord(name, version, "{\"value\":\"" + value + "\"}");
    }

    @Test
    void whatIsWrittenIsReadByOthersAndSurvivesTheClose() throws Exception {
        var writer = store();
        assertThat(writer.read()).isEmpty();
        var one = writer.write(entry("one", 0, "äöü €"), ANYBODY);
        var two = writer.write(entry("two", 0, "b"), ANYBODY);
        writer.close();

        assertThat(one).isPresent();
        assertThat(two).isPresent();
        assertThat(store().read())
                .extracting(ScheduleRecord::name, ScheduleRecord::version)
                .containsExactlyInAnyOrder(
                        tuple("one", one.getAsLong()), tuple("two", two.getAsLong()));
        var json = new Json(true);
        assertThat(store().read())
                .anySatisfy(read ->
                        assertThat(json.read(read.document())).isEqualTo(Map.of("value", "äöü €")));
    }

    @Test
    void onlyTheVersionThatWasReadIsReplacedAndRemoved() throws Exception {
        var store = store();
        var first = store.write(entry("e", 0, "a"), ANYBODY).getAsLong();

        assertThat(store.write(entry("e", 0, "new?"), ANYBODY)).isEmpty();
        var second = store.write(entry("e", first, "b"), ANYBODY).getAsLong();
        assertThat(second).isGreaterThan(first);
        assertThat(store.write(entry("e", first, "late"), ANYBODY)).isEmpty();
        assertThat(store.remove(entry("e", first, ""), ANYBODY)).isEmpty();
        assertThat(store.read())
                .singleElement()
                .extracting(ScheduleRecord::version)
                .isEqualTo(second);

        assertThat(store.remove(entry("e", second, ""), ANYBODY)).isPresent();
        assertThat(store.read()).isEmpty();
        var again = store.write(entry("e", 0, "c"), ANYBODY).getAsLong();
        assertThat(again).isGreaterThan(second);
        assertThat(store.write(entry("missing", again, "x"), ANYBODY)).isEmpty();
    }

    @Test
    void oneLeadsAndAnotherFollowsWhenItResigns() throws Exception {
        var first = store();
        var second = store();

        assertThat(first.lead("a", LONG)).isPresent();
        assertThat(first.lead("a", LONG)).isPresent();
        assertThat(second.lead("b", LONG)).isEmpty();
        second.resign("b");
        assertThat(second.lead("b", LONG)).isEmpty();

        first.resign("a");
        assertThat(second.lead("b", LONG)).isPresent();
        assertThat(first.lead("a", LONG)).isEmpty();
    }

    @Test
    void onlyTheLeaderWritesInTheNameOfTheLeader() throws Exception {
        var first = store();
        var second = store();
        first.lead("a", LONG);

        assertThat(second.write(entry("e", 0, "b"), Optional.of("b"))).isEmpty();
        var version = first.write(entry("e", 0, "a"), Optional.of("a")).getAsLong();
        assertThat(second.remove(entry("e", version, ""), Optional.of("b"))).isEmpty();
        first.resign("a");
        assertThat(first.write(entry("e", version, "late"), Optional.of("a"))).isEmpty();

        second.lead("b", LONG);
        assertThat(first.write(entry("e", version, "late"), Optional.of("a"))).isEmpty();
        assertThat(second.write(entry("e", version, "b"), Optional.of("b"))).isPresent();
    }

    @Test
    void aLeaderThatGivesNoSignOfLifeIsReplacedAndCanWriteNoMore() throws Exception {
        var paused = store();
        var other = store();
        paused.lead("a", LONG);
        var version = paused.write(entry("e", 0, "a"), Optional.of("a")).getAsLong();

        paused.lead("a", Duration.ofMillis(100));
        await().atMost(LONG).until(() -> isReplaced(paused, other));

        assertThat(paused.write(entry("e", version, "late"), Optional.of("a"))).isEmpty();
        assertThat(paused.lead("a", LONG)).isEmpty();
    }

    private boolean isReplaced(ScheduleStore paused, ScheduleStore other) {
        if (!hasLeases()) {
            paused.close();
        }
        return other.lead("b", LONG).isPresent();
    }

    @Test
    void everyChangeRaisesTheRevisionThatTheLeaderSees() throws Exception {
        var leader = store();
        var other = store();
        var start = leader.lead("a", LONG).getAsLong();
        var written = other.write(entry("e", 0, "x"), ANYBODY);
        assertThat(leader.lead("a", LONG)).isEqualTo(written);
        assertThat(written.getAsLong()).isEqualTo(start + 1);

        var removed = other.remove(entry("e", written.getAsLong(), ""), ANYBODY);
        assertThat(leader.lead("a", LONG)).isEqualTo(removed).isEqualTo(OptionalLong.of(start + 2));
    }

    @Test
    void ofManyThatChangeTheSameVersionOneSucceeds() throws Exception {
        var stores = List.of(store(), store(), store());
        var version = stores.getFirst().write(entry("e", 0, "0"), ANYBODY).getAsLong();

        var attempts =
                IntStream.range(0, 30)
                        .mapToObj(n ->
                                CompletableFuture.supplyAsync(
                                        () ->
                                                stores.get(n % 3)
                                                        .write(
                                                                entry("e", version, "" + n),
                                                                ANYBODY),
                                        task -> Thread.ofVirtual().start(task)))
                        .toList();
        var succeeded = 0;
        for (var attempt : attempts) {
            succeeded += attempt.get(60, TimeUnit.SECONDS).isPresent() ? 1 : 0;
        }

        assertThat(succeeded).isEqualTo(1);
    }
}
