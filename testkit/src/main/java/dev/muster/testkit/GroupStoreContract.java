package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.GroupStore.Count;
import dev.muster.queue.spi.GroupStore.Member;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [GroupStore] must do. Extend it, and open stores on one server. Each test has two, as
/// two workers would.
@Timeout(180)
public abstract class GroupStoreContract {
    private final String group = UUID.randomUUID().toString();
    private ResultStore oneStore;
    private ResultStore otherStore;
    private GroupStore one;
    private GroupStore other;

    /// Opens a store as another process would.
    protected abstract ResultStore openStore() throws Exception;

    @BeforeEach
    final void open() throws Exception {
        oneStore = openStore();
        otherStore = openStore();
        one = oneStore.groups().orElseThrow();
        other = otherStore.groups().orElseThrow();
    }

    @AfterEach
    final void close() {
        oneStore.close();
        otherStore.close();
    }

    private static Member member(int number, @Nullable Object value) {
        return new Member("task-" + number, State.SUCCESS, value);
    }

    private static List<Member> members(Count count) {
        assertThat(count).isInstanceOf(Count.Complete.class);
        return ((Count.Complete) count).members();
    }

    @Test
    void whatWasSavedIsFoundByOthersUntilItIsForgotten() {
        var results =
                Arrays.asList(
                        Arrays.asList(group, null),
                        List.of(Arrays.asList(Arrays.asList("a", null), null)));

        assertThat(other.fetch(group)).isEmpty();
        one.save(group, results);
        assertThat(other.fetch(group)).contains(results);
        one.save(group, List.of("again"));
        assertThat(other.fetch(group)).contains(List.of("again"));
        other.forget(group);
        assertThat(one.fetch(group)).isEmpty();
    }

    @Test
    void theLastMemberIsGivenAllOfThemInOrder() {
        one.expect(group, 4);

        assertThat(one.arrive(group, member(2, Map.of("deep", List.of(1L))), 2))
                .isInstanceOf(Count.Open.class);
        assertThat(other.arrive(group, member(0, null), 0)).isInstanceOf(Count.Open.class);
        assertThat(other.arrive(group, member(9, "größer \""), null))
                .isInstanceOf(Count.Open.class);
        var failed = new Member("task-1", State.FAILURE, Map.of("exc_type", "ValueError"));
        assertThat(members(one.arrive(group, failed, 1)))
                .containsExactly(
                        member(0, null),
                        failed,
                        member(2, Map.of("deep", List.of(1L))),
                        member(9, "größer \""));
    }

    @Test
    void aMemberThatComesTwiceCountsOnceWithItsFirstValue() {
        one.expect(group, 2);

        one.arrive(group, member(0, "first"), 0);
        assertThat(other.arrive(group, member(0, "first"), 0)).isInstanceOf(Count.Open.class);
        assertThat(other.arrive(group, member(0, "second"), 0)).isInstanceOf(Count.Open.class);
        assertThat(members(one.arrive(group, member(1, "other"), 1)))
                .containsExactly(member(0, "first"), member(1, "other"));
    }

    @Test
    void membersWithOnePlaceAllCount() {
        one.expect(group, 1);
        one.expectOneMore(group);

        assertThat(one.arrive(group, member(0, 1L), 0)).isInstanceOf(Count.Open.class);
        assertThat(members(other.arrive(group, member(1, 2L), 0)))
                .containsExactly(member(0, 1L), member(1, 2L));
    }

    @Test
    void onlyOneIsTold() {
        one.expect(group, 1);

        assertThat(one.arrive(group, member(0, 1L), 0)).isInstanceOf(Count.Complete.class);
        assertThat(other.arrive(group, member(0, 1L), 0)).isInstanceOf(Count.Claimed.class);
        assertThat(other.count(group)).isInstanceOf(Count.Claimed.class);
        one.finish(group);
        assertThat(other.count(group)).isInstanceOf(Count.Open.class);
        assertThat(other.arrive(group, member(0, 1L), 0)).isInstanceOf(Count.Open.class);
    }

    @Test
    void finishingAChordKeepsWhatWasSaved() {
        one.save(group, List.of("results"));
        one.expect(group, 1);
        one.arrive(group, member(0, 1L), 0);
        one.finish(group);

        assertThat(other.fetch(group)).contains(List.of("results"));
        assertThat(other.count(group)).isInstanceOf(Count.Open.class);
    }

    @Test
    void renewingAClaimLeavesTheCountAsItIs() {
        one.expect(group, 2);
        one.arrive(group, member(0, 1L), 0);
        one.renew(group);
        one.renew(group + " is not known");
        assertThat(members(one.arrive(group, member(1, 2L), 1))).hasSize(2);

        one.renew(group);

        assertThat(other.count(group)).isInstanceOf(Count.Claimed.class);
        one.finish(group);
        one.renew(group);
        one.expect(group, 1);
        assertThat(other.arrive(group, member(3, 1L), 0)).isInstanceOf(Count.Complete.class);
    }

    /// Every member ends twice, once at each worker, all at the same time.
    @Test
    void ofManyWhoArriveAtOnceOneIsTold() throws Exception {
        var size = 50;
        for (var round = 0; round < 10; round++) {
            var id = group + round;
            one.expect(id, size);
            var told = new ArrayList<Future<Count>>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                IntStream.range(0, size)
                        .boxed()
                        .flatMap(number ->
                                Stream.of(one, other).map(store -> Map.entry(store, number)))
                        .forEach(arrival ->
                                told.add(
                                        threads.submit(() ->
                                                arrival.getKey()
                                                        .arrive(
                                                                id,
                                                                member(arrival.getValue(), 1L),
                                                                arrival.getValue()))));
            }

            var complete = new ArrayList<Count>();
            for (var count : told) {
                if (count.get() instanceof Count.Complete) {
                    complete.add(count.get());
                }
            }
            assertThat(complete).hasSize(1);
            assertThat(members(complete.getFirst())).hasSize(size);
            one.finish(id);
        }
    }
}
