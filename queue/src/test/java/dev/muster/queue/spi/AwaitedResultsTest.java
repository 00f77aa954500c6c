package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

// In a thread of its own, so that a deadlock fails the test, too.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AwaitedResultsTest {
    private static final int ROUNDS = 2_000;

    private final ResultStoreException closed = new ResultStoreException("closed", null);
    private final ConcurrentLinkedQueue<String> left = new ConcurrentLinkedQueue<>();
    private final AwaitedResults awaited = new AwaitedResults(left::add);

    private static ResultRecord record(String taskId, State state) {
        return new ResultRecord(taskId, state, null, null, null, Map.of());
    }

    private static ResultRecord success(String taskId) {
        return record(taskId, State.SUCCESS);
    }

    @Test
    void aRecordEndsAllWaitsForItsKeyAndNoOther() {
        var one = awaited.await("a");
        var two = awaited.await("a");
        var other = awaited.await("b");

        var record = success("a");
        awaited.found("a", record);

        assertThat(one).isCompletedWithValue(record);
        assertThat(two).isCompletedWithValue(record);
        assertThat(other).isNotDone();
        assertThat(awaited.keys()).containsExactly("b");
        assertThat(left).containsExactly("a");
    }

    @Test
    void aStateOnTheWayEndsNoWait() {
        var future = awaited.await("a");

        awaited.found("a", record("a", State.STARTED));
        awaited.found("a", record("a", State.RETRY));

        assertThat(future).isNotDone();
        assertThat(awaited.isAwaited("a")).isTrue();
        assertThat(left).isEmpty();
    }

    @Test
    void whatNobodyWaitsForDisturbsNobody() {
        awaited.found("a", success("a"));
        awaited.failed("a", closed);

        assertThat(awaited.await("a")).isNotDone();
        assertThat(left).isEmpty();
    }

    @Test
    void aFailureEndsAllWaitsForItsKey() {
        var one = awaited.await("a");
        var two = awaited.await("a");
        var unreadable = new ResultStoreException("unreadable", null);

        awaited.failed("a", unreadable);

        assertThatThrownBy(one::get).hasCause(unreadable);
        assertThatThrownBy(two::get).hasCause(unreadable);
        assertThat(left).containsExactly("a");
    }

    @Test
    void theKeyIsLeftWhenTheLastWaitIsCancelled() {
        var one = awaited.await("a");
        var two = awaited.await("a");

        one.cancel(false);
        assertThat(awaited.isAwaited("a")).isTrue();
        assertThat(left).isEmpty();

        two.cancel(false);
        assertThat(awaited.isAwaited("a")).isFalse();
        assertThat(left).containsExactly("a");
    }

    @Test
    void aWaitThatHasEndedTakesNoLaterOneWithIt() {
        var first = awaited.await("a");
        awaited.found("a", success("a"));
        var second = awaited.await("a");

        first.cancel(false);

        assertThat(awaited.isAwaited("a")).isTrue();
        assertThat(second).isNotDone();
        assertThat(left).containsExactly("a");
    }

    @Test
    void closingEndsAllWaitsNowAndLater() {
        var now = List.of(awaited.await("a"), awaited.await("a"), awaited.await("b"));
        assertThat(awaited.isClosed()).isFalse();

        awaited.close(closed);
        awaited.close(new ResultStoreException("closed twice", null));
        var later = awaited.await("c");

        assertThat(awaited.isClosed()).isTrue();
        assertThat(now).allSatisfy(future -> assertThatThrownBy(future::get).hasCause(closed));
        assertThatThrownBy(later::get).hasCause(closed);
        assertThat(awaited.keys()).isEmpty();
        assertThat(left).isEmpty();
    }

    /// Under the lock another thread would get no answer.
    @Test
    void whatHangsOnAFutureAndWhoIsToldOfTheLastHoldNoLock() throws Exception {
        var askedInTime = new ConcurrentLinkedQueue<Boolean>();
        var asking = new CompletableFuture<AwaitedResults>();
        Runnable ask =
                () -> {
                    var answered = new CountDownLatch(1);
                    Thread.ofVirtual()
                            .start(() -> {
                                asking.join().keys();
                                answered.countDown();
                            });
                    try {
                        askedInTime.add(answered.await(10, TimeUnit.SECONDS));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                };
        var results = new AwaitedResults(_ -> ask.run());
        asking.complete(results);
        for (var key : List.of("found", "failed", "cancelled", "closed")) {
            var future = results.await(key);
            var _ = future.whenComplete((_, _) -> ask.run());
            switch (key) {
                case "found" -> results.found(key, success(key));
                case "failed" -> results.failed(key, closed);
                case "cancelled" -> future.cancel(false);
                default -> results.close(closed);
            }
        }

        assertThat(askedInTime).hasSize(7).doesNotContain(false);
    }

    /// As a store does: it begins to wait and then looks, it stores and then tells.
    @Test
    void nobodyWaitsForeverWhenWaitsRecordsAndCancellationsMeet() throws Exception {
        var records = new ConcurrentHashMap<String, ResultRecord>();
        var futures = new ConcurrentLinkedQueue<CompletableFuture<ResultRecord>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var round = 0; round < ROUNDS; round++) {
                var key = "task-" + round;
                for (var waiter = 0; waiter < 3; waiter++) {
                    threads.execute(() -> {
                        var future = awaited.await(key);
                        Optional.ofNullable(records.get(key))
                                .ifPresent(record -> awaited.found(key, record));
                        futures.add(future);
                    });
                }
                threads.execute(() -> awaited.await(key).cancel(false));
                threads.execute(() -> {
                    records.put(key, success(key));
                    awaited.found(key, records.get(key));
                });
            }
        }

        assertThat(futures).hasSize(3 * ROUNDS);
        for (var future : futures) {
            assertThat(future.get(10, TimeUnit.SECONDS).state()).isEqualTo(State.SUCCESS);
        }
        assertThat(awaited.keys()).isEmpty();
    }

    @RepeatedTest(20)
    void nobodyWaitsForeverWhenItIsClosedMeanwhile() throws Exception {
        var futures = new ConcurrentLinkedQueue<CompletableFuture<ResultRecord>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var round = 0; round < 200; round++) {
                var key = "task-" + round % 7;
                threads.execute(() -> futures.add(awaited.await(key)));
                threads.execute(() -> awaited.found(key, success(key)));
                if (round == 100) {
                    threads.execute(() -> awaited.close(closed));
                }
            }
        }

        assertThat(futures).hasSize(200);
        for (var future : futures) {
            try {
                assertThat(future.get(10, TimeUnit.SECONDS).state()).isEqualTo(State.SUCCESS);
            } catch (ExecutionException e) {
                assertThat(e).hasCause(closed);
            }
        }
        assertThat(awaited.keys()).isEmpty();
    }

    /// Keeps to what the class asks of a store that subscribes.
    private static final class Subscriptions {
        private final ReentrantLock lock = new ReentrantLock();
        private final AwaitedResults awaited = new AwaitedResults(this::unsubscribe);
        private final AtomicBoolean deaf = new AtomicBoolean();

        /// Guarded by the lock.
        private final Set<String> subscribed = new HashSet<>();

        private CompletableFuture<ResultRecord> await(String key) {
            lock.lock();
            try {
                var future = awaited.await(key);
                subscribed.add(key);
                return future;
            } finally {
                lock.unlock();
            }
        }

        private void unsubscribe(String key) {
            lock.lock();
            try {
                if (!awaited.isAwaited(key)) {
                    subscribed.remove(key);
                }
            } finally {
                lock.unlock();
            }
        }

        /// Notes whether it is one that is waited for and not subscribed.
        private void check(String key) {
            lock.lock();
            try {
                if (awaited.isAwaited(key) && !subscribed.contains(key)) {
                    deaf.set(true);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    @Test
    void whatIsWaitedForIsSubscribedAndNothingElseInTheEnd() throws Exception {
        var store = new Subscriptions();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 50).forEach(seed -> threads.execute(() -> useAtRandom(store, seed)));
        }

        assertThat(store.deaf).isFalse();
        assertThat(store.awaited.keys()).isEmpty();
        assertThat(store.subscribed).isEmpty();
    }

    /// Waits for few keys, so that the waits meet, and ends each wait in one way or the other.
    private static void useAtRandom(Subscriptions store, int seed) {
        var random = new Random(seed);
        var mine = new ArrayList<CompletableFuture<ResultRecord>>();
        for (var round = 0; round < ROUNDS; round++) {
            var key = "task-" + random.nextInt(3);
            switch (random.nextInt(3)) {
                case 0 -> mine.add(store.await(key));
                case 1 -> store.awaited.found(key, success(key));
                default -> {
                    if (!mine.isEmpty()) {
                        mine.removeLast().cancel(false);
                    }
                }
            }
            store.check(key);
        }
        mine.forEach(future -> future.cancel(false));
    }
}
