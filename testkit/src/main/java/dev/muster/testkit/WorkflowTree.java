package dev.muster.testkit;

import dev.muster.queue.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The shape of a workflow: steps after each other, steps side by side, and leaves, of which some
/// fail. Each has one value, made of the value before it.
sealed interface WorkflowTree {
    /// How many groups after each other Celery takes with ease.
    int MOST_GROUPS = 3;

    record Leaf(int number, boolean fails) implements WorkflowTree {}

    record After(List<WorkflowTree> steps) implements WorkflowTree {}

    record Beside(List<WorkflowTree> members) implements WorkflowTree {}

    /// What plain code of the shape comes to.
    sealed interface Expected {
        record Value(Object value) implements Expected {}

        /// @param leaves one of these fails first
        record Failure(Set<Integer> leaves) implements Expected {}
    }

    /// How one leaf becomes a step.
    @FunctionalInterface
    interface LeafStep {
        Step<Object, Object> of(Leaf leaf);
    }

    /// What a leaf makes of the value before it.
    static Object leaf(Object value, int number, boolean fails) {
        if (fails) {
            throw new IllegalStateException(failure(number));
        }
        return total(value) + number;
    }

    /// What a leaf that fails says.
    static String failure(int number) {
        return "leaf %d fails".formatted(number);
    }

    private static long total(@Nullable Object value) {
        return switch (value) {
            case List<?> list -> list.stream().mapToLong(WorkflowTree::total).sum() + 1;
            case Number number -> number.longValue();
            case null, default -> throw new IllegalArgumentException("no number: " + value);
        };
    }

    /// Evaluates it in plain code.
    default Expected evaluate(Object value) {
        return switch (this) {
            case Leaf(var number, var fails) ->
                    fails
                            ? new Expected.Failure(Set.of(number))
                            : new Expected.Value(leaf(value, number, false));
            case After(var steps) -> {
                Expected expected = new Expected.Value(value);
                for (var step : steps) {
                    if (expected instanceof Expected.Value(var before)) {
                        expected = step.evaluate(before);
                    }
                }
                yield expected;
            }
            case Beside(var members) -> {
                var values = new ArrayList<Object>();
                var failed = new HashSet<Integer>();
                for (var member : members) {
                    switch (member.evaluate(value)) {
                        case Expected.Value(var each) -> values.add(each);
                        case Expected.Failure(var leaves) -> failed.addAll(leaves);
                    }
                }
                yield failed.isEmpty() ? new Expected.Value(values) : new Expected.Failure(failed);
            }
        };
    }

    /// As a workflow.
    @SuppressWarnings("unchecked") // every value is an object
    default Step<Object, Object> step(LeafStep leaves) {
        return switch (this) {
            case Leaf leaf -> leaves.of(leaf);
            case After(var steps) ->
                    steps.stream().map(each -> each.step(leaves)).reduce(Step::then).orElseThrow();
            case Beside(var members) ->
                    (Step<Object, Object>)
                            (Step<?, ?>)
                                    Step.each(
                                            members.stream()
                                                    .map(each -> each.step(leaves))
                                                    .toList());
        };
    }

    /// The same tree, whose leaves fail only where Celery's workers tell of it.
    ///
    /// In Celery 5.2.6 a header that fails is recorded under the id of the body, and nowhere else
    /// (`chord_error_from_stack` in `celery/backends/base.py`). Where the body is a group or a
    /// chord, or a chain that ends with one, it has no such id; where the chord is a member of
    /// another, that is not counted: what waits is never told, and Celery's own client waits for
    /// ever. And a task that fails before a group in its chain is recorded with an AttributeError
    /// of Celery's own, as `mark_as_failure` looks for the `task_id` of the group.
    ///
    /// So a leaf fails only where nothing but leaves follow in the outermost chain: as one of its
    /// steps, or in a chain of leaves that is a member of a header.
    default WorkflowTree failingAsCeleryTells() {
        var steps = flat().toList();
        var mended = new ArrayList<WorkflowTree>();
        for (var index = 0; index < steps.size(); index++) {
            var step = steps.get(index);
            var tells = areLeaves(steps.subList(index + 1, steps.size()).stream());
            var hasBody = index < steps.size() - 1;
            mended.add(
                    switch (step) {
                        case Leaf leaf when tells -> leaf;
                        case Beside(var members) when tells && hasBody ->
                                new Beside(
                                        members.stream()
                                                .map(member ->
                                                        areLeaves(member.flat())
                                                                ? member
                                                                : member.withoutFailures())
                                                .toList());
                        case WorkflowTree other -> other.withoutFailures();
                    });
        }
        return new After(mended);
    }

    private static boolean areLeaves(Stream<WorkflowTree> steps) {
        return steps.allMatch(Leaf.class::isInstance);
    }

    /// Whether Celery can carry it. In Celery 5.2.6, each group of three right behind another one
    /// makes messages five times as large (7 MB with eight in a row), and larger ones more: a dozen
    /// are more than Redis takes.
    default boolean fitsCelery() {
        return flat().filter(Beside.class::isInstance).count() <= MOST_GROUPS
                && flat().allMatch(step ->
                        !(step instanceof Beside(var members))
                                || members.stream().allMatch(WorkflowTree::fitsCelery));
    }

    /// The steps of it, with those of the chains in it.
    private Stream<WorkflowTree> flat() {
        return this instanceof After(var steps)
                ? steps.stream().flatMap(WorkflowTree::flat)
                : Stream.of(this);
    }

    private WorkflowTree withoutFailures() {
        return switch (this) {
            case Leaf(var number, _) -> new Leaf(number, false);
            case After(var steps) ->
                    new After(steps.stream().map(WorkflowTree::withoutFailures).toList());
            case Beside(var members) ->
                    new Beside(members.stream().map(WorkflowTree::withoutFailures).toList());
        };
    }

    default int leaves() {
        return switch (this) {
            case Leaf _ -> 1;
            case After(var steps) -> steps.stream().mapToInt(WorkflowTree::leaves).sum();
            case Beside(var members) -> members.stream().mapToInt(WorkflowTree::leaves).sum();
        };
    }

    /// Trees up to so many levels deep and so many wide.
    ///
    /// @param mostLeaves about how many leaves there are at the most
    static Generator<WorkflowTree> generator(int depth, int width, int mostLeaves) {
        return random -> random(random, depth, width, mostLeaves, new int[1]);
    }

    private static WorkflowTree random(
            RandomGenerator random, int depth, int width, int mostLeaves, int[] leaves) {
        if (depth == 1 || leaves[0] >= mostLeaves || random.nextInt(10) < 3) {
            return new Leaf(leaves[0]++, random.nextInt(40) == 0);
        }
        var isAfter = random.nextBoolean();
        var count = random.nextInt(isAfter ? 1 : 0, width + 1);
        var parts =
                IntStream.range(0, count)
                        .mapToObj(_ -> random(random, depth - 1, width, mostLeaves, leaves))
                        .toList();
        return isAfter ? new After(parts) : new Beside(parts);
    }
}
