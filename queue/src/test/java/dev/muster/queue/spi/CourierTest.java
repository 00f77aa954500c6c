package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CourierTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String FAILURE = "were not done";

    private final CountDownLatch firstMayEnd = new CountDownLatch(1);

    /// Has begun with 0, and ends that when it may.
    private Courier<Integer> busy(Consumer<List<Integer>> work) throws InterruptedException {
        var firstRuns = new CountDownLatch(1);
        var courier =
                new Courier<Integer>(
                        "test",
                        PATIENCE,
                        FAILURE,
                        items -> {
                            work.accept(items);
                            firstRuns.countDown();
                            await(firstMayEnd);
                        });
        courier.leave(0);
        firstRuns.await();
        return courier;
    }

    @Test
    void whatIsLeftMeanwhileGoesTogether() throws InterruptedException {
        var batches = Collections.synchronizedList(new ArrayList<List<Integer>>());
        var courier = busy(batches::add);
        IntStream.rangeClosed(1, 9).forEach(courier::leave);
        firstMayEnd.countDown();
        courier.close();

        assertThat(batches).containsExactly(List.of(0), List.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    }

    @Test
    void nothingThatWasTakenOnIsForgotten() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        var taken = Collections.synchronizedList(new ArrayList<Integer>());
        var courier = new Courier<Integer>("test", PATIENCE, FAILURE, done::addAll);

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 10_000)
                    .forEach(item ->
                            threads.execute(() -> {
                                if (courier.leave(item)) {
                                    taken.add(item);
                                }
                                if (item == 9_000) {
                                    courier.close();
                                }
                            }));
        }
        courier.close();

        assertThat(done).containsExactlyInAnyOrderElementsOf(taken);
        assertThat(taken).isNotEmpty();
    }

    @Test
    void closedItTakesNothingOn() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        var courier = new Courier<Integer>("test", PATIENCE, FAILURE, done::addAll);
        courier.close();

        assertThat(courier.leave(1)).isFalse();
        assertThat(done).isEmpty();
    }

    @Test
    void closingWaitsNoLongerThanItsPatience() {
        var mayEnd = new CountDownLatch(1);
        var courier =
                new Courier<Integer>("test", Duration.ofMillis(50), FAILURE, _ -> await(mayEnd));
        courier.leave(1);

        courier.close(); // returns, or the time limit ends the test

        mayEnd.countDown();
    }

    @Test
    void whatFailsDoesNotKeepTheNextFromBeingDone() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        var courier =
                new Courier<Integer>(
                        "test",
                        PATIENCE,
                        FAILURE,
                        items -> {
                            done.addAll(items);
                            if (items.contains(0)) {
                                throw new OutOfMemoryError("as if");
                            } else if (items.contains(1)) {
                                throw new IllegalStateException("a defect");
                            }
                        });

        for (var item = 0; item < 3; item++) {
            courier.leave(item);
            var expected = item + 1;
            Awaitility.await().until(() -> done.size() == expected);
        }
        courier.close();

        assertThat(done).containsExactly(0, 1, 2);
    }

    @Test
    void whoeverComesWhenMuchWaitsDoesItAlone() throws InterruptedException {
        var courier = busy(_ -> {});
        assertThat(IntStream.range(0, Courier.MOST_WAITING).allMatch(courier::leave)).isTrue();
        assertThat(courier.leave(-1)).isFalse();
        firstMayEnd.countDown();
        courier.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
