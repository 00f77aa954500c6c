package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AsyncTest {
    private final CountDownLatch started = new CountDownLatch(1);
    private final AtomicInteger cancelled = new AtomicInteger();

    /// Runs until it is cancelled.
    private String hang() throws InterruptedException {
        try {
            started.countDown();
            new CountDownLatch(1).await();
            return "";
        } catch (InterruptedException e) {
            cancelled.incrementAndGet();
            throw e;
        }
    }

    @Test
    void gathersTheResultsInTheOrderOfTheCalls() throws Exception {
        var first = new CountDownLatch(1);
        Callable<String> slow =
                () -> {
                    first.await();
                    return "slow";
                };
        Callable<String> fast =
                () -> {
                    first.countDown();
                    return "fast";
                };

        assertThat(Async.gather(List.of(slow, fast))).containsExactly("slow", "fast");
        assertThat(Async.gather(List.<Callable<String>>of())).isEmpty();
    }

    @Test
    void aFailureCancelsTheOthersAndWaitsForThem() {
        Callable<String> fails =
                () -> {
                    started.await();
                    throw new IOException("no");
                };

        assertThatThrownBy(() -> Async.gather(List.of(this::hang, fails, this::hang)))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("no");

        // Of the two that hang one may be cancelled before it began to wait; it is cancelled all
        // the same.
        assertThat(cancelled).hasValue(2);
    }

    @Test
    void noMoreRunAtOnceThanAllowed() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var barrier = new CyclicBarrier(3);
        var calls = new ArrayList<Callable<Integer>>();
        for (var i = 0; i < 30; i++) {
            var number = i;
            calls.add(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                barrier.await(20, TimeUnit.SECONDS);
                running.decrementAndGet();
                return number;
            });
        }

        assertThat(Async.gather(3, calls)).hasSize(30).startsWith(0, 1, 2).endsWith(29);
        assertThat(most.get()).isLessThanOrEqualTo(3);
    }

    @Test
    void theFirstSuccessWinsTheRaceAndCancelsTheOthers() throws Exception {
        Callable<String> fails =
                () -> {
                    throw new IOException("no");
                };
        Callable<String> wins =
                () -> {
                    started.await();
                    return "won";
                };

        assertThat(Async.<String>race(List.of(fails, this::hang, wins))).isEqualTo("won");
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void aRaceWithoutASuccessTellsAllFailures() {
        Callable<String> fails =
                () -> {
                    throw new IOException("one");
                };
        Callable<String> failsAsWell =
                () -> {
                    throw new IOException("two");
                };

        assertThatThrownBy(() -> Async.race(List.of(fails, failsAsWell)))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .satisfies(cause ->
                        assertThat(cause + " " + cause.getSuppressed()[0]).contains("one", "two"));
        assertThatThrownBy(() -> Async.race(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatTakesTooLongIsCancelled() {
        assertThatThrownBy(() -> Async.withTimeout(Duration.ofMillis(50), this::hang))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("50 ms");

        assertThat(cancelled).hasValue(1);
    }

    @Test
    void whatIsDoneInTimeIsReturned() throws Exception {
        assertThat(Async.withTimeout(Duration.ofSeconds(20), () -> "done")).isEqualTo("done");
        assertThatThrownBy(() ->
                        Async.withTimeout(
                                Duration.ofSeconds(20),
                                () -> {
                                    throw new IOException("no");
                                }))
                .hasCauseInstanceOf(IOException.class);
    }

    /// Also through calls that wait for calls of their own.
    @Test
    void anInterruptOfTheCallerCancelsItsCalls() throws Exception {
        var ended = new AtomicReference<Throwable>();
        var caller =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Async.gather(List.of(() -> Async.gather(List.of(this::hang))));
                            } catch (InterruptedException | ExecutionException e) {
                                ended.set(e);
                            }
                        });

        started.await();
        caller.interrupt();
        caller.join();

        assertThat(ended.get()).isInstanceOf(InterruptedException.class);
        assertThat(cancelled).hasValue(1);
    }
}
