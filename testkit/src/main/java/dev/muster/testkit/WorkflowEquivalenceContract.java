package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.muster.queue.Muster;
import dev.muster.queue.Step;
import dev.muster.queue.Task;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workflows of any shape have the value, or the failure, that plain code of the same shape has.
/// Extend it, and name a broker that keeps results, too.
///
/// The shapes are random trees, up to five levels deep and up to five wide: steps after each other,
/// steps side by side, and leaves, of which some fail. Each leaf runs once.
@Timeout(300)
public abstract class WorkflowEquivalenceContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DEPTH = 5;
    private static final int WIDTH = 5;

    /// More would not be found out by more of them.
    private static final int MOST_LEAVES = 60;

    private Muster muster;
    private Worker worker;

    protected abstract String url();

    /// How many trees are tried.
    protected int cases() {
        return 60;
    }

    @BeforeEach
    final void start() {
        var queue = "equivalence-" + UUID.randomUUID();
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT.withAll(
                                        Map.of("broker_url", url(), "task_default_queue", queue)))
                        .tasks(Tasks.class)
                        .build();
        worker = muster.worker().concurrency(8).start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
    }

    @AfterEach
    final void stop() {
        worker.close();
        muster.close();
    }

    static final class Tasks {
        /// How often each leaf of each run has run.
        private static final Map<String, Integer> RUNS = new ConcurrentHashMap<>();

        private Tasks() {}

        @Task(name = "equivalence.leaf")
        static Object leaf(Object value, String run, int number, boolean fails) {
            RUNS.merge(run + "/" + number, 1, Integer::sum);
            if (fails) {
                throw new IllegalStateException("leaf %d fails".formatted(number));
            }
            return total(value) + number;
        }

        @Task(name = "equivalence.seed")
        static Object seed(long value) {
            return value;
        }

        static long total(@Nullable Object value) {
            return switch (value) {
                case List<?> list -> list.stream().mapToLong(Tasks::total).sum() + 1;
                case Number number -> number.longValue();
                case null, default -> throw new IllegalArgumentException("no number: " + value);
            };
        }
    }

    /// The shape of a workflow. Each has one value, made of the value before it.
    sealed interface Tree {
        record Leaf(int number, boolean fails) implements Tree {}

        record After(List<Tree> steps) implements Tree {}

        record Beside(List<Tree> members) implements Tree {}
    }

    /// What plain code of the shape comes to.
    private sealed interface Expected {
        record Value(Object value) implements Expected {}

        /// @param leaves one of these fails first
        record Failure(Set<Integer> leaves) implements Expected {}
    }

    private static Expected evaluate(Tree tree, Object value) {
        return switch (tree) {
            case Tree.Leaf(var number, var fails) ->
                    fails
                            ? new Expected.Failure(Set.of(number))
                            : new Expected.Value(Tasks.total(value) + number);
            case Tree.After(var steps) -> {
                Expected expected = new Expected.Value(value);
                for (var step : steps) {
                    if (expected instanceof Expected.Value(var before)) {
                        expected = evaluate(step, before);
                    }
                }
                yield expected;
            }
            case Tree.Beside(var members) -> {
                var values = new ArrayList<Object>();
                var failed = new HashSet<Integer>();
                for (var member : members) {
                    switch (evaluate(member, value)) {
                        case Expected.Value(var each) -> values.add(each);
                        case Expected.Failure(var leaves) -> failed.addAll(leaves);
                    }
                }
                yield failed.isEmpty() ? new Expected.Value(values) : new Expected.Failure(failed);
            }
        };
    }

    @SuppressWarnings("unchecked") // every value is an object
    private static Step<Object, Object> step(Tree tree, String run) {
        return switch (tree) {
            case Tree.Leaf(var number, var fails) -> Step.of(Tasks::leaf, run, number, fails);
            case Tree.After(var steps) ->
                    steps.stream().map(each -> step(each, run)).reduce(Step::then).orElseThrow();
            case Tree.Beside(var members) ->
                    (Step<Object, Object>)
                            (Step<?, ?>)
                                    Step.each(
                                            members.stream().map(each -> step(each, run)).toList());
        };
    }

    private static Tree random(RandomGenerator random) {
        var leaves = new int[1];
        return random(random, DEPTH, leaves);
    }

    private static Tree random(RandomGenerator random, int depth, int[] leaves) {
        if (depth == 1 || leaves[0] >= MOST_LEAVES || random.nextInt(10) < 3) {
            return new Tree.Leaf(leaves[0]++, random.nextInt(40) == 0);
        }
        var isAfter = random.nextBoolean();
        var width = random.nextInt(isAfter ? 1 : 0, WIDTH + 1);
        var parts =
                IntStream.range(0, width).mapToObj(_ -> random(random, depth - 1, leaves)).toList();
        return isAfter ? new Tree.After(parts) : new Tree.Beside(parts);
    }

    @Test
    void aWorkflowDoesWhatPlainCodeOfItsShapeDoes() {
        Seeded.forAll(cases(), WorkflowEquivalenceContract::random, this::check);
    }

    private void check(Tree tree) {
        var run = UUID.randomUUID().toString();
        var result = muster.send(call(Tasks::seed, 1L).then(step(tree, run)));

        switch (evaluate(tree, 1L)) {
            case Expected.Value(var value) -> {
                assertThat(result.get(PATIENCE)).isEqualTo(value);
                assertThat(runs(run)).hasSize(leaves(tree)).allMatch(runs -> runs == 1);
            }
            case Expected.Failure(var leaves) -> {
                var failure = catchThrowable(() -> result.get(PATIENCE));
                assertThat(failure).isInstanceOf(TaskFailedException.class);
                assertThat(leaves)
                        .as("the leaf that failed: %s", failure.getMessage())
                        .anyMatch(leaf ->
                                String.valueOf(failure.getMessage())
                                        .contains("leaf %d fails".formatted(leaf)));
                assertThat(runs(run)).allMatch(runs -> runs == 1);
            }
        }
    }

    private static List<Integer> runs(String run) {
        return Tasks.RUNS.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(run))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static int leaves(Tree tree) {
        return switch (tree) {
            case Tree.Leaf _ -> 1;
            case Tree.After(var steps) ->
                    steps.stream().mapToInt(WorkflowEquivalenceContract::leaves).sum();
            case Tree.Beside(var members) ->
                    members.stream().mapToInt(WorkflowEquivalenceContract::leaves).sum();
        };
    }
}
