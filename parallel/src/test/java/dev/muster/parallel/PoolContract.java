package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is the same for all pools. Calls talk to the test through files, as they may run elsewhere.
@Timeout(value = 180, unit = TimeUnit.SECONDS)
abstract class PoolContract {
    static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir Path folder;

    abstract Pool open(int size);

    static int increment(int n) {
        return n + 1;
    }

    static String join(String first, int second) {
        return first + second;
    }

    static String fail(String message) throws IOException {
        throw new IOException(message);
    }

    static void touch(String file) throws IOException {
        Files.createFile(Path.of(file));
    }

    /// Says that it runs, and runs until a file exists.
    static String waitFor(String started, String file) throws IOException, InterruptedException {
        Files.createFile(Path.of(started));
        while (!Files.exists(Path.of(file))) {
            Thread.sleep(5);
        }
        return file;
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    void awaitFile(String name) {
        await().atMost(LIMIT).until(() -> Files.exists(folder.resolve(name)));
    }

    PoolFuture<String> blocked(Calls pool, String name) {
        return pool.submit(PoolContract::waitFor, file(name + " runs"), file(name + " may end"));
    }

    void release(String name) throws IOException {
        touch(file(name + " may end"));
    }

    @Test
    void returnsWhatFunctionsReturn() throws Exception {
        try (var pool = open(2)) {
            assertThat(pool.submit(PoolContract::increment, 41).get()).isEqualTo(42);
            assertThat(pool.submit(PoolContract::join, "a", 1).get()).isEqualTo("a1");
            assertThat(pool.submit(() -> "lambda").get()).isEqualTo("lambda");
            var captured = List.of(1, 2);
            assertThat(pool.submit(() -> captured.size()).get()).isEqualTo(2);
            assertThat(pool.run(PoolContract::touch, file("ran")).get()).isNull();
            assertThat(folder.resolve("ran")).exists();
        }
    }

    @Test
    void failsWithWhatFunctionsThrow() {
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.submit(PoolContract::fail, "no disk").get())
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("no disk")
                    .satisfies(cause ->
                            assertThat(cause.getStackTrace()[0].getMethodName()).isEqualTo("fail"));
        }
    }

    @Test
    void mapsInOrderWhateverTheSizeOfChunks() {
        var items = IntStream.range(0, 1000).boxed().toList();
        var expected = IntStream.range(1, 1001).boxed().toList();
        try (var pool = open(3)) {
            assertThat(pool.map(PoolContract::increment, items)).isEqualTo(expected);
            for (var size : List.of(7, 1000, 5000)) {
                var chunked = MapOptions.DEFAULT.withChunkSize(size);
                assertThat(pool.map(PoolContract::increment, items, chunked)).isEqualTo(expected);
                assertThat(pool.mapUnordered(PoolContract::increment, items, chunked))
                        .containsExactlyInAnyOrderElementsOf(expected);
            }
            assertThat(pool.map(PoolContract::increment, List.of())).isEmpty();
        }
    }

    @Test
    void mapTellsWhichItemFailedAndCancelsTheOthers() throws Exception {
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.map(PoolContract::fail, List.of("first", "second")))
                    .isInstanceOfSatisfying(
                            CallFailedException.class, e -> assertThat(e.index()).isZero())
                    .hasMessageContaining("first");
            assertThat(pool.submit(PoolContract::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void mapEndsWhenItsTimeIsOver() throws Exception {
        try (var pool = open(1)) {
            var options = MapOptions.DEFAULT.withTimeout(Duration.ofMillis(200));
            assertThatThrownBy(() ->
                            pool.map(
                                    name -> waitFor(name, "never"),
                                    List.of(file("a"), file("b")),
                                    options))
                    .isInstanceOf(CallTimeoutException.class);
            assertThat(pool.submit(PoolContract::increment, 1).get()).isEqualTo(2);
            assertThat(folder.resolve("b")).doesNotExist();
        }
    }

    @Test
    void mapsPairs() {
        try (var pool = open(2)) {
            assertThat(
                            pool.starmap(
                                    PoolContract::join,
                                    List.of(Map.entry("a", 1), Map.entry("b", 2))))
                    .containsExactly("a1", "b2");
        }
    }

    @Test
    void anUnorderedMapGivesWhatIsDoneFirst() throws Exception {
        try (var pool = open(2)) {
            var results =
                    pool.mapUnordered(
                                    name ->
                                            name.equals("quick")
                                                    ? name
                                                    : waitFor(name + " runs", name + " may end"),
                                    List.of(file("slow"), "quick"))
                            .iterator();

            assertThat(results.next()).isEqualTo("quick");
            release("slow");
            assertThat(results.next()).endsWith("slow may end");
            assertThat(results.hasNext()).isFalse();
        }
    }

    @Test
    void completedFuturesComeInTheOrderOfTheirCompletion() throws Exception {
        try (var pool = open(2)) {
            var slow = blocked(pool, "slow");
            awaitFile("slow runs");
            var quick = pool.submit(PoolContract::join, "quick", 1);

            var order = new ArrayList<PoolFuture<String>>();
            for (var future : Pool.asCompleted(List.of(slow, quick), LIMIT)) {
                order.add(future);
                if (order.size() == 1) {
                    release("slow");
                }
            }

            assertThat(order).containsExactly(quick, slow);
        }
    }

    @Test
    void waitsForTheFirstTheFirstFailureOrAll() throws Exception {
        try (var pool = open(3)) {
            var slow = blocked(pool, "slow");
            var quick = pool.submit(PoolContract::join, "quick", 1);
            quick.get();

            var first = Pool.waitFor(List.of(slow, quick), WaitUntil.FIRST_COMPLETED, LIMIT);
            assertThat(first.done()).containsExactly(quick);
            assertThat(first.notDone()).containsExactly(slow);

            var failing = pool.submit(PoolContract::fail, "x");
            var failed = Pool.waitFor(List.of(slow, failing), WaitUntil.FIRST_EXCEPTION, LIMIT);
            assertThat(failed.done()).containsExactly(failing);

            assertThat(Pool.waitFor(List.of(slow), WaitUntil.ALL, Duration.ZERO).notDone())
                    .containsExactly(slow);
            release("slow");
            assertThat(Pool.waitFor(List.of(slow, quick), WaitUntil.ALL, LIMIT).notDone())
                    .isEmpty();
        }
    }

    @Test
    void tellsWhatRunsAndNeverRunsWhatIsCancelledBefore() throws Exception {
        try (var pool = open(1)) {
            var first = blocked(pool, "first");
            awaitFile("first runs");
            var second = blocked(pool, "second");

            assertThat(first.isRunning()).isTrue();
            assertThat(second.isRunning()).isFalse();
            assertThatThrownBy(() -> first.get(0, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(second.cancel(true)).isTrue();
            release("first");

            assertThat(first.get()).endsWith("first may end");
            assertThat(first.isRunning()).isFalse();
            assertThat(first.cancel(true)).isFalse();
            assertThatThrownBy(second::get).isInstanceOf(CancellationException.class);
        }
        assertThat(folder.resolve("second runs")).doesNotExist();
    }

    @Test
    void aCancelledCallFreesItsPlace() throws Exception {
        try (var pool = open(1)) {
            var endless = blocked(pool, "endless");
            awaitFile("endless runs");

            assertThat(endless.cancel(true)).isTrue();

            assertThat(pool.submit(PoolContract::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void aCallThatIsCancelledWithoutInterruptRunsToItsEnd() throws Exception {
        try (var pool = open(1)) {
            var call = blocked(pool, "call");
            awaitFile("call runs");

            call.cancel(false);
            var next = pool.submit(PoolContract::increment, 1);
            release("call");

            assertThat(next.get()).isEqualTo(2);
        }
    }

    @Test
    void aCallThatRunsTooLongIsEnded() throws Exception {
        try (var pool = open(1)) {
            var endless = blocked(pool.withTimeout(Duration.ofMillis(200)), "endless");

            assertThatThrownBy(endless::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            CallTimeoutException.class,
                            e -> assertThat(e.limit()).isEqualTo(Duration.ofMillis(200)));
            assertThat(pool.submit(PoolContract::increment, 1).get()).isEqualTo(2);
            assertThat(pool.withTimeout(LIMIT).submit(PoolContract::increment, 1).get())
                    .isEqualTo(2);
        }
    }

    @Test
    void callbacksRunWhenACallIsDone() throws Exception {
        try (var pool = open(1)) {
            var seen = new AtomicReference<Integer>();
            var done = new CountDownLatch(1);
            var _ =
                    pool.submit(PoolContract::increment, 1)
                            .thenApply(n -> n * 10)
                            .thenAccept(n -> {
                                seen.set(n);
                                done.countDown();
                            });
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(seen).hasValue(20);
        }
    }

    @Test
    void isAnExecutorService() throws Exception {
        try (ExecutorService pool = open(2)) {
            SerializableFunction.Of0<String> call = () -> "one";
            assertThat(pool.submit(call).get()).isEqualTo("one");
            assertThat(pool.invokeAll(List.of(call, call)))
                    .map(Future::resultNow)
                    .containsExactly("one", "one");
            assertThat(pool.invokeAny(List.of(call, failing()))).isEqualTo("one");
            assertThatThrownBy(() -> pool.invokeAny(List.of(failing())))
                    .isInstanceOf(ExecutionException.class);
        }
    }

    private static Callable<String> failing() {
        SerializableFunction.Of0<String> failing = () -> fail("x");
        return failing;
    }

    @Test
    void itsSizeCanChangeWhileItRuns() throws Exception {
        try (var pool = open(1)) {
            var first = blocked(pool, "first");
            awaitFile("first runs");
            var second = blocked(pool, "second");
            assertThat(second.isRunning()).isFalse();

            pool.resize(2);
            awaitFile("second runs");
            assertThat(pool.size()).isEqualTo(2);

            pool.resize(1);
            var third = blocked(pool, "third");
            release("first");
            first.get();
            assertThat(third.isRunning()).isFalse();
            release("second");
            second.get();
            awaitFile("third runs");
            release("third");
            assertThat(third.get()).endsWith("third may end");
        }
    }

    @Test
    void closingWaitsForAllCalls() {
        var futures = new ArrayList<PoolFuture<Integer>>();
        try (var pool = open(2)) {
            for (var n = 0; n < 500; n++) {
                futures.add(pool.submit(PoolContract::increment, n));
            }
        }
        assertThat(futures).allMatch(future -> future.state() == Future.State.SUCCESS);
    }

    @Test
    void tenThousandWaitingCallsAreCancelledByAShutdownThatSaysSo() throws Exception {
        var pool = open(1);
        var running = blocked(pool, "running");
        awaitFile("running runs");
        var waiting = new ArrayList<PoolFuture<Integer>>();
        for (var n = 0; n < 10_000; n++) {
            waiting.add(pool.submit(PoolContract::increment, n));
        }

        pool.shutdown(true);

        assertThat(waiting).allMatch(Future::isCancelled);
        assertThatThrownBy(() -> pool.submit(PoolContract::increment, 1))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        release("running");
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(running.get()).endsWith("running may end");
        pool.close();
        pool.close();
    }

    @Test
    void tenThousandWaitingCallsRunAfterAShutdownThatDoesNotSaySo() throws Exception {
        var pool = open(2);
        var waiting = new ArrayList<PoolFuture<Integer>>();
        for (var n = 0; n < 10_000; n++) {
            waiting.add(pool.submit(PoolContract::increment, n));
        }

        pool.shutdown(false);

        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting).map(Future::resultNow).contains(1, 10_000).doesNotContainNull();
    }

    @Test
    void aShutdownNowEndsWhatRunsAndReturnsWhatWaits() throws Exception {
        var pool = open(1);
        var running = blocked(pool, "running");
        awaitFile("running runs");
        var waiting = pool.submit(PoolContract::increment, 1);

        assertThat(pool.shutdownNow()).hasSize(1);

        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(running, waiting)).allMatch(Future::isCancelled);
    }

    @Test
    void nullIsAnArgumentAndAResult() throws Exception {
        try (var pool = open(1)) {
            SerializableFunction.Of1<@Nullable String, @Nullable String> same = text -> text;
            assertThat(pool.submit(same, null).get()).isNull();
        }
    }

    @Test
    void refusesSizesAndLimitsThatMakeNoSense() {
        assertThatThrownBy(() -> open(0)).isInstanceOf(IllegalArgumentException.class);
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.resize(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> pool.withTimeout(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
