package dev.muster.parallel.pipeline;

import static dev.muster.parallel.pipeline.Pipelines.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.Async;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelinesTest {
    private final List<Object> got = new ArrayList<>();
    private final List<Object> expected = new ArrayList<>();

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
                next -> plainText("x", next));
    }

    static Stream<Function<Stage<Object>, Stage<?>>> stagesAndEnds() {
        return Stream.concat(stages(), Stream.of(next -> sink(_ -> next.close())));
    }

    /// Also for stages that would drop the value anyway.
    @ParameterizedTest
    @MethodSource("stagesAndEnds")
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

    @Test
    void aSinkEndsWhenSomethingIsRaised() {
        Stage<Object> stage = sink(got::add);
        var problem = new IllegalArgumentException("no");

        assertThatThrownBy(() -> stage.raise(problem)).isSameAs(problem);

        assertThatThrownBy(() -> stage.send(1)).isInstanceOf(StageClosedException.class);
        stage.close();
        assertThat(got).isEmpty();
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

    /// What has been compiled for a pipeline is there for the next one that the same code builds,
    /// and is not spoiled by others.
    @Test
    void pipelinesOfTheSameFunctionsShareTheirCodeAndOthersDoNot() {
        Function<Integer, Integer> increment = n -> n + 1;
        Function<Integer, Integer> twice = n -> n * 2;

        assertThat(code(increment, twice))
                .isSameAs(code(increment, twice))
                .isNotSameAs(code(twice, increment))
                .isNotSameAs(code(increment, increment))
                .isNotSameAs(code(increment));
    }

    private static Class<?> code(Object... functions) {
        var steps = Stream.of(functions).map(each -> new Step(Step.Kind.MAP, each)).toList();
        return FusedCode.of(steps, print, new Life()).getClass();
    }

    private static final class Both implements Function<Integer, Object>, Predicate<Integer> {
        @Override
        public Object apply(Integer value) {
            return -value;
        }

        @Override
        public boolean test(Integer value) {
            return value > 1;
        }
    }

    @Test
    void anObjectMayBeAFunctionAndACondition() {
        var both = new Both();

        feed(List.of(1, 2), map(both, sink(got::add)));
        feed(List.of(1, 2), filter(both, sink(got::add)));

        assertThat(got).containsExactly(-1, -2, 2);
    }

    /// Longer than what is put into one method.
    @Test
    void aLongRowOfFunctionsWorksAsAShortOne() {
        Stage<Integer> stage = collect();
        for (var i = 0; i < 1_000; i++) {
            stage = map(n -> n + 1, stage);
        }

        feed(List.of(1, 2), stage);

        assertThat(got).containsExactly(1_001, 1_002, "closed");
        var last = stage;
        assertThatThrownBy(() -> last.send(3)).isInstanceOf(StageClosedException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomRowsOfFunctionsDoWhatStreamsDo(long seed) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (var round = 0; round < 50; round++) {
            Stage<Integer> stage = sink(got::add);
            var operators = new ArrayList<UnaryOperator<Stream<Integer>>>();
            for (var i = random.nextInt(6); i >= 0; i--) {
                int factor = random.nextInt(5);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        stage = map(n -> n * 3 + factor, stage);
                        operators.addFirst(values -> values.map(n -> n * 3 + factor));
                    }
                    case 1 -> {
                        stage = filter(n -> n % 5 != factor, stage);
                        operators.addFirst(values -> values.filter(n -> n % 5 != factor));
                    }
                    case 2 -> {
                        stage = tee(got::add, stage);
                        operators.addFirst(values -> values.peek(expected::add));
                    }
                    default -> {
                        stage = flatMap(n -> Collections.nCopies(factor % 3, n + factor), stage);
                        operators.addFirst(values ->
                                values.flatMap(
                                        n -> Collections.nCopies(factor % 3, n + factor).stream()));
                    }
                }
            }
            var values = numbers(200).stream();
            for (var operator : operators) {
                values = operator.apply(values);
            }
            values.forEachOrdered(expected::add);

            feed(numbers(200), stage);

            assertThat(got).as("seed %d, round %d", seed, round).isEqualTo(expected);
            got.clear();
            expected.clear();
        }
    }

    @Test
    void whoClosesThePipelineInItsMiddleEndsAnEndlessSource() {
        var seen = new ArrayList<Integer>();
        var entrance = new AtomicReference<Stage<Integer>>();
        Stage<Integer> stage =
                flatMap(
                        n -> () -> Stream.iterate(n, i -> i + 1).iterator(),
                        map(
                                (Integer n) -> n * 10,
                                sink(n -> {
                                    seen.add(n);
                                    if (n == 30) {
                                        entrance.get().close();
                                    }
                                })));
        entrance.set(stage);

        assertThatThrownBy(() -> feed(List.of(1, 7), stage))
                .isInstanceOf(StageClosedException.class);

        assertThat(seen).containsExactly(10, 20, 30);
    }

    @Test
    void whoClosesALaterStageClosesItsFunctionsBeforeToo() {
        Stage<Integer> last = map(n -> n + 1, collect());
        Stage<Integer> first = filter(_ -> false, last);
        Stage<Integer> other = tee(_ -> {}, last);

        last.close();

        assertThatThrownBy(() -> first.send(1)).isInstanceOf(StageClosedException.class);
        assertThatThrownBy(() -> other.send(1)).isInstanceOf(StageClosedException.class);
        first.close();
        assertThat(got).containsExactly("closed");
    }
}
