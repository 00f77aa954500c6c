package dev.muster.queue;

import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.Values;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The outcome of a call on its way from a child process to the worker, as plain data.
final class OutcomeForm {
    private static final String SUCCESS = "success";
    private static final String FAILURE = "failure";
    private static final String RETRY = "retry";
    private static final String IGNORED = "ignored";
    private static final String REJECTED = "rejected";
    private static final String REPLACED = "replaced";

    private OutcomeForm() {}

    /// @param sent what the task has sent
    static Object write(Outcome outcome, List<ResultTree> sent, Values values) {
        var trees = new ArrayList<>(sent.stream().map(ResultTree::toTuple).toList());
        return switch (outcome) {
            case Outcome.Success(var value) -> form(trees, SUCCESS, value);
            case Outcome.Failure(var cause) -> form(trees, FAILURE, thrown(cause, values));
            case Outcome.Retry(var eta, var cause) ->
                    form(trees, RETRY, eta, cause == null ? null : thrown(cause, values));
            case Outcome.Ignored() -> form(trees, IGNORED);
            case Outcome.Rejected(var requeue) -> form(trees, REJECTED, requeue);
            case Outcome.Replaced(var workflow) ->
                    form(trees, REPLACED, WorkflowFormat.write(workflow));
            case Outcome.TimedOut _,
                    Outcome.Repeated _,
                    Outcome.Busy _,
                    Outcome.Revoked _,
                    Outcome.Expired _,
                    Outcome.Lost _ ->
                    throw new IllegalArgumentException("no method ends like this: " + outcome);
        };
    }

    private static Object form(List<?> sent, String kind, @Nullable Object... rest) {
        var form = new ArrayList<@Nullable Object>(List.of(sent, kind));
        form.addAll(Arrays.asList(rest));
        return form;
    }

    /// Those that cannot travel themselves travel as what they say.
    private static byte[] thrown(Throwable thrown, Values values) {
        return values.packThrown(thrown).body();
    }

    /// @param context is told what the task has sent
    /// @param thrown makes an exception of its bytes
    static Outcome read(
            @Nullable Object form, TaskContext context, Function<Packed, Throwable> thrown) {
        var parts = (List<?>) Objects.requireNonNull(form, "form");
        for (var tuple : (List<?>) parts.get(0)) {
            context.addSent(ResultTree.ofTuple(tuple));
        }
        return switch ((String) parts.get(1)) {
            case SUCCESS -> new Outcome.Success(parts.get(2));
            case FAILURE -> new Outcome.Failure(thrown.apply(packed(parts.get(2))));
            case RETRY ->
                    new Outcome.Retry(
                            (Instant) parts.get(2),
                            parts.get(3) == null ? null : thrown.apply(packed(parts.get(3))));
            case IGNORED -> new Outcome.Ignored();
            case REJECTED -> new Outcome.Rejected((Boolean) parts.get(2));
            case REPLACED -> new Outcome.Replaced(WorkflowFormat.read(parts.get(2)));
            case String kind -> throw new IllegalArgumentException("no outcome is a " + kind);
        };
    }

    private static Packed packed(@Nullable Object body) {
        return Packed.of((byte[]) Objects.requireNonNull(body));
    }
}
