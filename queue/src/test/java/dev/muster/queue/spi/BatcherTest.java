package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class BatcherTest {
    @Test
    void callersThatComeDuringABatchShareTheNext() throws InterruptedException {
        var batches = Collections.synchronizedList(new ArrayList<List<Integer>>());
        var firstRuns = new CountDownLatch(1);
        var firstMayEnd = new CountDownLatch(1);
        var batcher =
                new Batcher<Integer>(
                        100,
                        batch -> {
                            batches.add(batch);
                            firstRuns.countDown();
                            awaitUninterruptibly(firstMayEnd);
                        });

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> batcher.submit(0));
            firstRuns.await();
            IntStream.rangeClosed(1, 9)
                    .forEach(item -> threads.execute(() -> batcher.submit(item)));
            Awaitility.await().until(() -> batcher.waiting() == 9);
            firstMayEnd.countDown();
        }

        assertThat(batches).hasSize(2);
        assertThat(batches.getLast()).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void noBatchIsLargerThanTheLimitAndNothingIsForgotten() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        var batcher =
                new Batcher<Integer>(
                        7,
                        batch -> {
                            assertThat(batch).hasSizeBetween(1, 7);
                            done.addAll(batch);
                        });

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 10_000).forEach(item -> threads.execute(() -> batcher.submit(item)));
        }

        assertThat(done).hasSize(10_000).doesNotHaveDuplicates();
    }

    @Test
    void whoseItemIsDoneGoesOnWhileTheNextBatchRuns() throws InterruptedException {
        var gates = Stream.generate(() -> new CountDownLatch(1)).limit(3).toList();
        var begun = new AtomicInteger();
        var batcher =
                new Batcher<Integer>(
                        100, _ -> awaitUninterruptibly(gates.get(begun.getAndIncrement())));

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> batcher.submit(0));
            Awaitility.await().until(() -> begun.get() == 1);
            var second =
                    List.of(
                            threads.submit(() -> batcher.submit(1)),
                            threads.submit(() -> batcher.submit(2)));
            Awaitility.await().until(() -> batcher.waiting() == 2);
            gates.get(0).countDown();
            Awaitility.await().until(() -> first.isDone() && begun.get() == 2);
            threads.execute(() -> batcher.submit(3));
            Awaitility.await().until(() -> batcher.waiting() == 1);
            gates.get(1).countDown();
            Awaitility.await()
                    .until(() -> second.stream().allMatch(Future::isDone) && begun.get() == 3);
            gates.get(2).countDown();
        }
    }

    @Test
    void aFailureReachesItsCallerAndNotTheNext() {
        var batcher =
                new Batcher<Integer>(
                        10,
                        batch -> {
                            if (batch.contains(13)) {
                                throw new MusterException("unlucky");
                            }
                        });

        assertThatThrownBy(() -> batcher.submit(13)).hasMessage("unlucky");
        batcher.submit(14);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
