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
    /// How many chords after each other Celery takes with ease.
    int MOST_CHORDS = 3;

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
    /// Celery 5.2.6 records the failure of a header as that of the body, and then stops
    /// (`chord_error_from_stack` in `celery/backends/base.py` calls `fail_from_current_stack` with
    /// the id of the body): if the body is a group or a chord itself, or the chord is a member of
    /// another one, what waits for it is never told, and so does Celery's own client wait for ever.
    /// So a leaf fails here only after nothing but single steps, or as part of a chain of leaves in
    /// a header whose body is a leaf.
    default WorkflowTree failingAsCeleryTells() {
        return this instanceof After(var steps)
                ? new After(mended(steps))
                : mended(List.of(this)).getFirst();
    }

    /// Whether Celery can carry it. Each task of a header carries all that follows the chord, and
    /// so does each of these: with Celery 5.2.6, messages grow exponentially with the number of
    /// chords after each other, and a dozen of them are more than Redis takes.
    default boolean fitsCelery() {
        return flat().filter(Beside.class::isInstance).count() <= MOST_CHORDS
                && flat().allMatch(step ->
                        !(step instanceof Beside(var members))
                                || members.stream().allMatch(WorkflowTree::fitsCelery));
    }

    private static List<WorkflowTree> mended(List<WorkflowTree> given) {
        var steps = given.stream().flatMap(WorkflowTree::flat).toList();
        var mended = new ArrayList<WorkflowTree>();
        for (var index = 0; index < steps.size(); index++) {
            var step = steps.get(index);
            var isHeaderOfLeaf = index + 1 < steps.size() && steps.get(index + 1) instanceof Leaf;
            mended.add(
                    step instanceof Beside(var members)
                            ? new Beside(
                                    members.stream()
                                            .map(member ->
                                                    isHeaderOfLeaf
                                                                    && member.flat()
                                                                            .allMatch(
                                                                                    Leaf.class
                                                                                            ::isInstance)
                                                            ? member
                                                            : member.withoutFailures())
                                            .toList())
                            : steps.subList(index, steps.size()).stream()
                                            .allMatch(Leaf.class::isInstance)
                                    ? step
                                    : step.withoutFailures());
        }
        return mended;
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
