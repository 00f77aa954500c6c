package dev.muster.queue;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Publication;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    /// Sends messages as the hooks want it.
    ///
    /// @param send what it throws is thrown here
    void publish(List<Publication> messages, Consumer<List<Publication>> send) {
        if (all.isEmpty()) {
            send.accept(messages);
            return;
        }
        var outgoing = messages.stream().map(OutgoingTask::new).toList();
        around(
                (hooks, next) -> hooks.publish(outgoing, next),
                () -> send.accept(outgoing.stream().map(OutgoingTask::publication).toList()));
    }

    void before(TaskContext task) {
        each(hooks -> hooks.before(task));
    }

    /// Does a step of the task as the hooks want it.
    ///
    /// @param step what it throws is thrown here
    void within(TaskContext task, Runnable step) {
        around((hooks, next) -> hooks.within(task, next), step);
    }

    /// As [#within(TaskContext, Runnable)].
    <T> T within(TaskContext task, Supplier<T> step) {
        var value = new AtomicReference<T>();
        within(task, () -> value.set(step.get()));
        return value.get();
    }

    void ended(TaskContext task, Outcome outcome) {
        each(hooks -> tell(hooks, task, outcome));
        each(hooks -> hooks.after(task, outcome.state()));
    }

    void discarded(TaskContext task, String reason) {
        each(hooks -> hooks.discarded(task, reason));
    }

    void refused(Message message) {
        each(hooks -> hooks.refused(message));
    }

    private static void tell(TaskHooks hooks, TaskContext task, Outcome outcome) {
        switch (outcome) {
            case Outcome.Success(var value) -> hooks.succeeded(task, value);
            case Outcome.Failure(var cause) -> hooks.failed(task, cause);
            case Outcome.TimedOut(var limit) ->
                    hooks.failed(task, new TimeoutException("it took longer than " + limit));
            case Outcome.Lost(var reason, _) -> hooks.failed(task, new MusterException(reason));
            case Outcome.Retry(var eta, var cause) -> hooks.retrying(task, cause, eta);
            case Outcome.Repeated _,
                    Outcome.Busy _,
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
            } catch (Throwable e) { // the user's code, which must not harm the task
                log(hooks, e);
            }
        }
    }

    private static void log(TaskHooks hooks, Throwable thrown) {
        LOG.error("a hook failed: {}", hooks.getClass().getName(), thrown);
    }

    /// Does something within all hooks, the first outermost: once, whatever they do, and what it
    /// throws is thrown.
    private void around(BiConsumer<TaskHooks, Runnable> hook, Runnable action) {
        var inner = action;
        for (var hooks : all.reversed()) {
            inner = within(hooks, hook, inner);
        }
        inner.run();
    }

    private static Runnable within(
            TaskHooks hooks, BiConsumer<TaskHooks, Runnable> hook, Runnable action) {
        return () -> {
            var once = new Once(action);
            try {
                hook.accept(hooks, once);
            } catch (Throwable e) { // the user's code, as above
                if (once.thrown == null) {
                    log(hooks, e);
                }
            }
            once.run();
        };
    }

    /// Runs an action the first time, and throws what it has thrown every time.
    private static final class Once implements Runnable {
        private final Runnable action;
        private boolean begun;
        private @Nullable Throwable thrown;

        private Once(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            if (!begun) {
                begun = true;
                try {
                    action.run();
                } catch (Throwable e) { // also what is not declared
                    thrown = e;
                }
            }
            switch (thrown) {
                case null -> {}
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw new UndeclaredThrowableException(thrown);
            }
        }
    }
}
