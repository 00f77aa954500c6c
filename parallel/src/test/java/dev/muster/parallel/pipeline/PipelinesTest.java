package dev.muster.parallel.pipeline;

import static dev.muster.parallel.pipeline.Pipelines.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.Async;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PipelinesTest {
    private final List<Object> got = new ArrayList<>();

    private <T> Stage<T> collect() {
        return coroutine(inbox -> {
            for (var value : inbox) {
                got.add(value);
            }
            got.add("closed");
        });
    }

    static List<Integer> numbers(int count) {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    @Test
    void plainFunctionsAreAppliedInTheirOrder() {
        var seen = new ArrayList<Integer>();

        feed(
                numbers(4),
                Pipelines.<Integer, Integer>map(
                        n -> n * 10,
                        filter(
                                n -> n != 20,
                                flatMap(n -> List.of(n, n + 1), tee(seen::add, collect())))));

        assertThat(got).containsExactly(10, 11, 30, 31, 40, 41, "closed");
        assertThat(seen).containsExactly(10, 11, 30, 31, 40, 41);
    }

    @Test
    void batchesAreFullButForTheLast() {
        feed(numbers(5), batch(2, collect()));

        assertThat(got).containsExactly(List.of(1, 2), List.of(3, 4), List.of(5), "closed");
    }

    @Test
    void aFanOutSendsToAllBranches() {
        feed(
                numbers(3),
                fanout(countItems(collect()), Pipelines.<Integer, Integer>map(n -> -n, collect())));

        assertThat(got).containsExactly(-1, -2, -3, 3L, "closed", "closed");
    }

    @Test
    void mergedEntrancesCloseWhatFollowsWhenAllAreClosed() {
        var inputs = Pipelines.<Object>merge(2, collect());

        inputs.get(0).send("a");
        inputs.get(1).send("b");
        inputs.get(0).close();
        inputs.get(0).close();
        inputs.get(1).send("c");
        assertThat(got).containsExactly("a", "b", "c");
        inputs.get(1).close();

        assertThat(got).containsExactly("a", "b", "c", "closed");
        assertThatThrownBy(() -> inputs.get(0).send("d")).isInstanceOf(StageClosedException.class);
    }

    @Test
    void mergedEntrancesMayBeUsedByManyThreads() throws Exception {
        var inputs = Pipelines.<Integer>merge(4, countItems(collect()));

        Async.gather(
                inputs.stream()
                        .map(input -> Executors.callable(() -> feed(numbers(10_000), input)))
                        .toList());

        assertThat(got).containsExactly(40_000L, "closed");
    }

    @Test
    void zipPairsInOrderAndEndsWithTheShorterSide() {
        Zip<String, Integer> zip = zip(8, (a, b) -> a + b, collect());

        zip.left().send("a");
        zip.left().send("b");
        zip.right().send(1);
        zip.left().close();
        zip.right().send(2);
        zip.right().send(3);

        assertThat(got).containsExactly("a1", "b2", "closed");
        zip.right().close();
        assertThatThrownBy(() -> zip.right().send(4)).isInstanceOf(StageClosedException.class);
    }

    @Test
    void aSideOfAZipWaitsWhenItIsTooFarAhead() throws Exception {
        Zip<Integer, Integer> zip = zip(1, Integer::sum, collect());
        var sender = Thread.ofVirtual().start(() -> feed(numbers(1_000), zip.left()));

        feed(numbers(1_000), zip.right());

        assertThat(sender.join(Duration.ofSeconds(20))).isTrue();
        assertThat(got).hasSize(1_001).startsWith(2, 4, 6).endsWith(2_000, "closed");
    }

    @Test
    void throttledValuesKeepTheirDistance() {
        var pauses = new ArrayList<Long>();
        var pace =
                new Pace() {
                    private long now;

                    @Override
                    public long nanos() {
                        return now;
                    }

                    @Override
                    public void pause(long nanos) {
                        pauses.add(nanos);
                        now += nanos;
                    }
                };

        feed(numbers(4), new ThrottleStage<>(10, Duration.ofSeconds(1), pace, collect()));

        assertThat(pauses).containsExactly(100_000_000L, 100_000_000L, 100_000_000L);
        assertThat(got).containsExactly(1, 2, 3, 4, "closed");
    }

    static Stream<Function<Stage<Object>, Stage<?>>> stages() {
        return Stream.of(
                next -> map(value -> value, next),
                next -> filter(_ -> false, next),
                next -> flatMap(_ -> List.of(), next),
                next -> tee(_ -> {}, next),
                next -> batch(2, next),
                next -> fanout(next, next),
                next -> Pipelines.<Object>merge(1, next).getFirst(),
                next -> zip(3, (a, _) -> a, next).left(),
                next -> countItems(next),
                next -> throttle(1, Duration.ofNanos(1), next),
                next -> buffer(3, next),
                next -> parallel(2, Order.ORDERED, value -> value, next),
                next -> coroutine(next, (inbox, out) -> inbox.forEach(out::send)),
                next -> lines(next),
                next -> plainText("x", next),
                next -> sink(_ -> next.close()));
    }

    /// Also for stages that would drop the value anyway.
    @ParameterizedTest
    @MethodSource("stages")
    @SuppressWarnings("unchecked")
    void sendingToAClosedStageIsAnError(Function<Stage<Object>, Stage<?>> maker) {
        var stage = (Stage<Object>) maker.apply(sink(_ -> {}));

        stage.close();
        stage.close();

        assertThatThrownBy(() -> stage.send(Text.of("late")))
                .isInstanceOf(StageClosedException.class);
        assertThatThrownBy(() -> stage.raise(new IllegalStateException()))
                .isInstanceOf(StageClosedException.class);
    }

    @ParameterizedTest
    @MethodSource("stages")
    void whatIsRaisedReachesTheEndAndComesBack(Function<Stage<Object>, Stage<?>> maker) {
        var cleaned = new AtomicInteger();
        Stage<Object> end =
                coroutine(inbox -> {
                    try {
                        inbox.receive();
                    } finally {
                        cleaned.incrementAndGet();
                    }
                });
        var stage = maker.apply(end);
        var problem = new IllegalArgumentException("no");

        assertThatThrownBy(() -> stage.raise(problem)).isSameAs(problem);

        if (stage.getClass().getSimpleName().startsWith("SinkStage")) {
            return;
        }
        assertThat(cleaned).hasValue(1);
    }

    @Test
    void aFailureEndsThePipelineWithoutTotals() {
        assertThatThrownBy(() ->
                        feed(
                                numbers(3),
                                Pipelines.<Integer, Integer>map(
                                        n -> 1 / (n - 2), countItems(collect()))))
                .isInstanceOf(ArithmeticException.class);

        assertThat(got).isEmpty();
    }

    @Test
    void aFailureInOneBranchCleansUpTheOthers() {
        var cleaned = new CountDownLatch(1);
        Stage<Integer> other =
                coroutine(inbox -> {
                    try {
                        inbox.forEach(_ -> {});
                    } finally {
                        cleaned.countDown();
                    }
                });

        assertThatThrownBy(() -> feed(numbers(3), fanout(other, sink(PipelinesTest::refuse))))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(cleaned.getCount()).isZero();
    }

    private static void refuse(Integer value) {
        throw new IllegalArgumentException("refused " + value);
    }

    @Test
    void aBufferRunsWhatFollowsOnAnotherThreadAndKeepsTheOrder() {
        var threads = new ArrayList<Thread>();

        feed(numbers(1_000), buffer(4, tee(_ -> threads.add(Thread.currentThread()), collect())));

        assertThat(got).hasSize(1_001).startsWith(1, 2).endsWith(1_000, "closed");
        assertThat(threads).doesNotContain(Thread.currentThread());
        assertThat(threads.stream().distinct()).hasSize(1);
    }

    @Test
    void aFullBufferMakesTheSenderWait() throws Exception {
        var go = new CountDownLatch(1);
        var sent = new AtomicInteger();
        Stage<Integer> slow = sink(_ -> uninterruptibly(go));
        var sender =
                Thread.ofPlatform()
                        .start(() ->
                                feed(
                                        numbers(10),
                                        tee(_ -> sent.incrementAndGet(), buffer(3, slow))));

        // One is with the sink, three wait, one is being sent.
        await().until(() -> sent.get() == 5);
        await().until(() -> sender.getState() == Thread.State.WAITING);
        assertThat(sent).hasValue(5);
        go.countDown();

        assertThat(sender.join(Duration.ofSeconds(20))).isTrue();
        assertThat(sent).hasValue(10);
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFailureBehindABufferReachesTheSender() {
        assertThatThrownBy(() ->
                        feed(numbers(1_000), buffer(2, sink(n -> Arrays.asList(1, 2, 3).get(n)))))
                .isInstanceOf(ArrayIndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void parallelCallsGiveAllResults(Order order) {
        feed(numbers(5_000), parallel(8, order, n -> n * 2, collect()));

        assertThat(got).hasSize(5_001).endsWith("closed");
        var expected = numbers(5_000).stream().<Object>map(n -> n * 2).toList();
        if (order == Order.ORDERED) {
            assertThat(got.subList(0, 5_000)).isEqualTo(expected);
        } else {
            assertThat(got.subList(0, 5_000)).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /// All eight must run at once for any to return; a ninth would break the bound.
    @ParameterizedTest
    @EnumSource(Order.class)
    void asManyRunAtOnceAsAllowedAndNoMore(Order order) {
        var barrier = new CyclicBarrier(8);
        var running = new AtomicInteger();
        var most = new AtomicInteger();

        feed(
                numbers(64),
                parallel(
                        8,
                        order,
                        n -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            try {
                                barrier.await();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            } finally {
                                running.decrementAndGet();
                            }
                            return n;
                        },
                        collect()));

        assertThat(got).hasSize(65);
        assertThat(most.get()).isLessThanOrEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void aFailedParallelCallInterruptsTheOthersAndReachesTheSender(Order order) {
        var interrupted = new CountDownLatch(1);
        var waits = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        Stage<Integer> stage =
                parallel(
                        2,
                        order,
                        n -> {
                            if (n == 2) {
                                uninterruptibly(waits);
                                throw new IllegalArgumentException("two");
                            }
                            waits.countDown();
                            try {
                                never.await();
                            } catch (InterruptedException _) {
                                interrupted.countDown();
                            }
                            return n;
                        },
                        countItems(collect()));

        stage.send(1);
        stage.send(2);

        assertThatThrownBy(stage::close).isInstanceOf(IllegalArgumentException.class);
        assertThat(interrupted.getCount()).isZero();
        assertThat(got).isEmpty();
    }

    @Test
    void eachFunctionHasCodeOfItsOwn() {
        Function<Integer, Integer> increment = n -> n + 1;
        Function<Integer, Integer> twice = n -> n * 2;

        assertThat(map(increment, print).getClass())
                .isSameAs(map(increment, print).getClass())
                .isNotSameAs(map(twice, print).getClass());
    }
}
