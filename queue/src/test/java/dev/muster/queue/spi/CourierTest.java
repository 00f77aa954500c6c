package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CourierTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void whatIsLeftMeanwhileGoesTogether() throws InterruptedException {
        var batches = Collections.synchronizedList(new ArrayList<List<Integer>>());
        var firstRuns = new CountDownLatch(1);
        var firstMayEnd = new CountDownLatch(1);
        var courier =
                new Courier<Integer>(
                        "test",
                        PATIENCE,
                        items -> {
                            batches.add(items);
                            firstRuns.countDown();
                            await(firstMayEnd);
                        });

        courier.leave(0);
        firstRuns.await();
        IntStream.rangeClosed(1, 9).forEach(courier::leave);
        firstMayEnd.countDown();
        courier.close();

        assertThat(batches).containsExactly(List.of(0), List.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    }

    @Test
    void nothingThatWasTakenOnIsForgotten() {
        var done = Collections.synchronizedList(new ArrayList<Integer>());
        var taken = Collections.synchronizedList(new ArrayList<Integer>());
        var courier = new Courier<Integer>("test", PATIENCE, done::addAll);

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
        var courier = new Courier<Integer>("test", PATIENCE, done::addAll);
        courier.close();

        assertThat(courier.leave(1)).isFalse();
        assertThat(done).isEmpty();
    }

    @Test
    void closingWaitsNoLongerThanItsPatience() {
        var mayEnd = new CountDownLatch(1);
        var courier = new Courier<Integer>("test", Duration.ofMillis(50), _ -> await(mayEnd));
        courier.leave(1);

        courier.close(); // returns, or the time limit ends the test

        mayEnd.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
