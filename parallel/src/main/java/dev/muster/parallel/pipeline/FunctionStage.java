package dev.muster.parallel.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A plain function and those that follow it without another stage between them. All of them run as
/// one piece of code; see [FusedCode].
///
/// They have no state to clean up and so end together: whichever of them is closed, all are.
final class FunctionStage<T> implements Stage<T> {
    /// The compiler gives up on methods of some thousand instructions. After so many functions, a
    /// call more does not count.
    private static final int LONGEST_RUN = 50;

    private final List<Step> steps;
    private final Stage<?> end;
    private final Life life;
    private @Nullable FusedCode code;

    private FunctionStage(List<Step> steps, Stage<?> end, Life life) {
        this.steps = steps;
        this.end = end;
        this.life = life;
    }

    static <T> Stage<T> of(Step.Kind kind, Object function, Stage<?> next) {
        var steps = new ArrayList<Step>();
        steps.add(new Step(kind, function));
        if (next instanceof FunctionStage<?> run && run.steps.size() < LONGEST_RUN) {
            steps.addAll(run.steps);
            return new FunctionStage<>(List.copyOf(steps), run.end, run.life);
        }
        return new FunctionStage<>(List.copyOf(steps), next, new Life());
    }

    private FusedCode code() {
        var made = code;
        if (made == null) {
            made = FusedCode.of(steps, end, life);
            code = made;
        }
        return made;
    }

    @Override
    public void send(T value) {
        code().send(value);
    }

    void sendAll(Iterable<? extends T> values) {
        code().sendAll(values);
    }

    @Override
    public void raise(Throwable cause) {
        life.checkOpen();
        try {
            end.raise(cause);
        } catch (Throwable unhandled) {
            life.close();
            throw unhandled;
        }
    }

    @Override
    public void close() {
        if (!life.isClosed()) {
            life.close();
            end.close();
        }
    }
}
