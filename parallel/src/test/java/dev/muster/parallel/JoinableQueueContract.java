package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is the same for all queues.
@SuppressWarnings("try") // queues are closed on purpose
abstract class JoinableQueueContract {
    static final Duration LIMIT = Duration.ofSeconds(60);

    /// For waits that end by their limit.
    private static final Duration SHORT = Duration.ofMillis(20);

    abstract <T> JoinableQueue<T> open(int capacity) throws Exception;

    /// Runs on a thread of its own, as it waits.
    record Waiting<T>(Thread thread, FutureTask<T> task) {
        static <T> Waiting<T> start(Callable<T> call) {
            var task = new FutureTask<>(call);
            return new Waiting<>(Thread.ofPlatform().daemon().start(task), task);
        }

        Waiting<T> untilItSleeps() {
            await().atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> thread.getState(), state -> state.name().endsWith("WAITING"));
            return this;
        }

        T result() throws Exception {
            return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static Waiting<Boolean> putting(JoinableQueue<Integer> queue, int value) {
        return Waiting.start(() -> {
            queue.put(value);
            return true;
        });
    }

    @Test
    void valuesComeOutInTheOrderInWhichTheyWerePut() throws Exception {
        try (var queue = this.<Object>open(10)) {
            for (var value : List.of("one", 2, List.of(3L), 4.0)) {
                queue.put(value);
            }

            assertThat(queue.size()).isEqualTo(4);
            assertThat(queue.take()).isEqualTo("one");
            assertThat(queue.poll(LIMIT)).contains(2);
            assertThat(queue.poll(Duration.ZERO)).contains(List.of(3L));
            assertThat(queue.poll(Duration.ofSeconds(-1))).contains(4.0);
            assertThat(queue.poll(Duration.ZERO)).isEmpty();
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void holdsNoMoreThanItsCapacity() throws Exception {
        for (var capacity : List.of(1, 2, 3, 4, 7, 8, 1000)) {
            try (var queue = this.<Integer>open(capacity)) {
                assertThat(queue.capacity()).isEqualTo(capacity);
                for (var lap = 0; lap < 3; lap++) {
                    for (var n = 0; n < capacity; n++) {
                        assertThat(queue.offer(n, Duration.ZERO)).isTrue();
                    }
                    assertThat(queue.offer(-1, Duration.ZERO)).isFalse();
                    assertThat(queue.offer(-1, SHORT)).isFalse();
                    assertThat(queue.size()).isEqualTo(capacity);
                    for (var n = 0; n < capacity; n++) {
                        assertThat(queue.take()).isEqualTo(n);
                    }
                }
            }
        }
    }

    @Test
    void aCapacityOfLessThanOneIsRefused() {
        assertThatThrownBy(() -> open(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("capacity")
                .hasMessageContaining("0");
    }

    @Test
    void nullIsRefused() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            assertThatThrownBy(() -> queue.put(nothing())).isInstanceOf(NullPointerException.class);
            assertThat(queue.size()).isZero();
        }
    }

    @SuppressWarnings("NullAway") // what the test is about
    private static Integer nothing() {
        return null;
    }

    @Test
    void whoTakesWaitsForAValue() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            var first = Waiting.start(queue::take).untilItSleeps();
            var second = Waiting.start(() -> queue.poll(LIMIT).orElseThrow()).untilItSleeps();
            queue.put(1);
            queue.put(2);

            assertThat(List.of(first.result(), second.result())).containsExactlyInAnyOrder(1, 2);
            assertThat(queue.poll(SHORT)).isEmpty();
        }
    }

    @Test
    void whoPutsWaitsForRoom() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            queue.put(0);
            var first = putting(queue, 1).untilItSleeps();
            var second = Waiting.start(() -> queue.offer(2, LIMIT)).untilItSleeps();

            assertThat(queue.take()).isZero();
            var others = List.of(queue.take(), queue.take());
            assertThat(others).containsExactlyInAnyOrder(1, 2);
            assertThat(first.result()).isTrue();
            assertThat(second.result()).isTrue();
        }
    }

    @Test
    void joinWaitsUntilAllAreDealtWith() throws Exception {
        try (var queue = this.<Integer>open(2)) {
            assertThat(queue.join(Duration.ZERO)).isTrue();
            queue.put(1);
            queue.put(2);
            var joining = Waiting.start(() -> queue.join(LIMIT)).untilItSleeps();
            var also =
                    Waiting.start(
                                    () -> {
                                        queue.join();
                                        return true;
                                    })
                            .untilItSleeps();
            queue.take();
            queue.take();
            assertThat(queue.join(SHORT)).isFalse();
            queue.taskDone();
            assertThat(queue.join(Duration.ZERO)).isFalse();
            assertThat(joining.task().isDone()).isFalse();
            queue.taskDone();

            assertThat(joining.result()).isTrue();
            assertThat(also.result()).isTrue();
            assertThat(queue.join(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void taskDoneForMoreValuesThanWerePutIsAnError() throws Exception {
        try (var queue = this.<Integer>open(2)) {
            assertThatThrownBy(queue::taskDone).isInstanceOf(IllegalStateException.class);
            queue.put(1);
            queue.take();
            queue.taskDone();
            assertThatThrownBy(queue::taskDone)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("taskDone");
        }
    }

    @Test
    void whatIsInAClosedQueueCanStillBeTaken() throws Exception {
        try (var queue = this.<Integer>open(3)) {
            queue.put(1);
            queue.put(2);
            queue.put(3);
            queue.close();
            queue.close();

            assertThatThrownBy(() -> queue.put(4)).isInstanceOf(QueueClosedException.class);
            assertThat(queue.size()).isEqualTo(3);
            assertThat(queue.take()).isEqualTo(1);
            assertThatThrownBy(() -> queue.offer(4, Duration.ZERO))
                    .isInstanceOf(QueueClosedException.class);
            assertThat(queue).containsExactly(2, 3);
            assertThat(queue.poll(LIMIT)).isEmpty();
            assertThat(queue).isEmpty();
            assertThatThrownBy(queue::take).isInstanceOf(QueueClosedException.class);
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void closingWakesAllWhoWait() throws Exception {
        try (var full = this.<Integer>open(1);
                var empty = this.<Integer>open(1)) {
            full.put(0);
            var puts = new ArrayList<Waiting<Boolean>>();
            var takes = new ArrayList<Waiting<Integer>>();
            for (var n = 0; n < 3; n++) {
                puts.add(putting(full, n).untilItSleeps());
                takes.add(Waiting.start(empty::take).untilItSleeps());
            }
            var iterating = Waiting.start(() -> empty.iterator().hasNext()).untilItSleeps();
            full.close();
            empty.close();

            for (var waiting : puts) {
                assertThatThrownBy(waiting::result).hasCauseInstanceOf(QueueClosedException.class);
            }
            for (var waiting : takes) {
                assertThatThrownBy(waiting::result).hasCauseInstanceOf(QueueClosedException.class);
            }
            assertThat(iterating.result()).isFalse();
            assertThat(full).containsExactly(0);
        }
    }

    @Test
    void anIteratorThatHasEndedHasNoNext() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            queue.put(1);
            queue.close();
            var iterator = queue.iterator();

            assertThat(iterator.next()).isEqualTo(1);
            assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void anInterruptEndsAWaitAndLosesNothing() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            var taking = Waiting.start(queue::take).untilItSleeps();
            taking.thread().interrupt();
            assertThatThrownBy(taking::result).hasCauseInstanceOf(InterruptedException.class);

            queue.put(1);
            var joining = Waiting.start(() -> queue.join(LIMIT)).untilItSleeps();
            joining.thread().interrupt();
            assertThatThrownBy(joining::result).hasCauseInstanceOf(InterruptedException.class);

            var putting = putting(queue, 2).untilItSleeps();
            putting.thread().interrupt();
            assertThatThrownBy(putting::result).hasCauseInstanceOf(InterruptedException.class);

            queue.close();
            assertThat(queue).containsExactly(1);
        }
    }

    @Test
    void anInterruptEndsAnIteration() throws Exception {
        try (var queue = this.<Integer>open(2)) {
            var iterating =
                    Waiting.start(
                                    () -> {
                                        var sum = 0;
                                        for (var value : queue) {
                                            sum += value;
                                        }
                                        return Thread.currentThread().isInterrupted() ? sum : -1;
                                    })
                            .untilItSleeps();
            queue.put(3);
            queue.put(4);
            await().atMost(LIMIT).until(() -> queue.size() == 0);
            iterating.untilItSleeps().thread().interrupt();

            assertThat(iterating.result()).isEqualTo(7);
        }
    }

    @Test
    void ofThoseWhoWaitOneThatGivesUpDoesNotKeepTheValueFromTheOthers() throws Exception {
        for (var round = 0; round < 50; round++) {
            try (var queue = this.<Integer>open(1)) {
                var patient = Waiting.start(() -> queue.poll(LIMIT));
                var other = Waiting.start(() -> queue.poll(LIMIT)).untilItSleeps();
                queue.put(1);
                other.thread().interrupt();

                // Whoever was interrupted in time has left the value to the patient one.
                var taken = 0;
                try {
                    taken += other.result().orElse(0);
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(InterruptedException.class);
                }
                queue.close();
                taken += patient.result().orElse(0);
                assertThat(taken).isEqualTo(1);
            }
        }
    }

    @Test
    void manyThreadsGetEachValueOnceAndInOrder() throws Exception {
        var threads = 4;
        var each = 5_000;
        try (var queue = this.<Integer>open(7)) {
            var tooMany = new AtomicInteger();
            var start = new CountDownLatch(1);
            var puts = new ArrayList<Waiting<Boolean>>();
            var takes = new ArrayList<Waiting<List<Integer>>>();
            for (var thread = 0; thread < threads; thread++) {
                var first = thread * each;
                puts.add(
                        Waiting.start(() -> {
                            start.await();
                            for (var n = first; n < first + each; n++) {
                                queue.put(n);
                            }
                            return true;
                        }));
                takes.add(
                        Waiting.start(() -> {
                            var taken = new ArrayList<Integer>();
                            for (var value : queue) {
                                tooMany.addAndGet(queue.size() > 7 ? 1 : 0);
                                taken.add(value);
                                queue.taskDone();
                            }
                            return taken;
                        }));
            }
            start.countDown();
            for (var put : puts) {
                assertThat(put.result()).isTrue();
            }
            assertThat(queue.join(LIMIT)).isTrue();
            queue.close();

            var all = new ArrayList<Integer>();
            for (var take : takes) {
                var taken = take.result();
                for (var thread = 0; thread < threads; thread++) {
                    var from = thread;
                    assertThat(taken.stream().filter(n -> n / each == from)).isSorted();
                }
                all.addAll(taken);
            }
            assertThat(all)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, threads * each).boxed().toList());
            assertThat(tooMany).hasValue(0);
        }
    }

    @Test
    void virtualThreadsWaitAsWell() throws Exception {
        try (var queue = this.<Integer>open(1)) {
            var sum = new AtomicInteger();
            var threads = new ArrayList<Thread>();
            for (var n = 0; n < 100; n++) {
                var value = n;
                threads.add(
                        Thread.startVirtualThread(() -> {
                            for (var taken : queue) {
                                sum.addAndGet(taken);
                            }
                        }));
                threads.add(
                        Thread.startVirtualThread(() -> {
                            try {
                                queue.put(value);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }));
            }
            await().atMost(LIMIT).until(() -> sum.get() == 4950);
            queue.close();
            for (var thread : threads) {
                assertThat(thread.join(LIMIT)).isTrue();
            }
        }
    }
}
