package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All hooks of an application, called one after the other. Immutable.
final class Hooks {
    private static final Logger LOG = LoggerFactory.getLogger(TaskHooks.class);

    private final List<TaskHooks> all;

    Hooks(List<TaskHooks> all) {
        this.all = List.copyOf(all);
    }

    void sending(Signature<?> call, String id) {
        each(hooks -> hooks.sending(call, id));
    }

    void before(TaskContext task) {
        each(hooks -> hooks.before(task));
    }

    void ended(TaskContext task, Outcome outcome) {
        each(hooks -> tell(hooks, task, outcome));
        each(hooks -> hooks.after(task));
    }

    private static void tell(TaskHooks hooks, TaskContext task, Outcome outcome) {
        switch (outcome) {
            case Outcome.Success(var value) -> hooks.succeeded(task, value);
            case Outcome.Failure(var cause) -> hooks.failed(task, cause);
            case Outcome.TimedOut(var limit) ->
                    hooks.failed(task, new TimeoutException("it took longer than " + limit));
            case Outcome.Lost(var reason, _) -> hooks.failed(task, new MusterException(reason));
            case Outcome.Retry(var eta, var cause) -> hooks.retrying(task, cause, eta);
            case Outcome.Busy _,
                    Outcome.Replaced _,
                    Outcome.Ignored _,
                    Outcome.Rejected _,
                    Outcome.Revoked _,
                    Outcome.Expired _ -> {}
        }
    }

    void workerStarted(Worker worker) {
        each(hooks -> hooks.workerStarted(worker));
    }

    void workerStopped(Worker worker) {
        each(hooks -> hooks.workerStopped(worker));
    }

    private void each(Consumer<TaskHooks> call) {
        for (var hooks : all) {
            try {
                call.accept(hooks);
            } catch (RuntimeException | Error e) { // the user's code, which must not harm the task
                LOG.error("a hook failed: {}", hooks.getClass().getName(), e);
            }
        }
    }
}
