package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.RefusedMessageException;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what happens with each message that a worker takes (celery-wire 6.1): refuse it, drop
/// it, hold it until its time has come, or run its task.
final class DeliveryHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// It is not worth a round trip to wait less.
    private static final Duration SHORTEST_POSTPONED = Duration.ofSeconds(1);

    private final Workplace workplace;
    private final Muster muster;
    private final TaskPool pool;
    private final Runnable roomFreed;
    private final Roster roster = new Roster();
    private final RateLimits rateLimits;
    private final SharedRates sharedRates;

    /// @param roomFreed called once for each delivery, when it takes up no memory any more
    DeliveryHandler(Workplace workplace, TaskPool pool, Runnable roomFreed) {
        this.workplace = workplace;
        this.muster = workplace.muster();
        this.pool = pool;
        this.roomFreed = roomFreed;
        this.rateLimits =
                new RateLimits(muster.settings(), Timer.nanoTime(muster.environment().clock()));
        this.sharedRates = new SharedRates(muster, rateLimits);
    }

    /// What it has taken over, and not settled yet.
    Roster roster() {
        return roster;
    }

    RateLimits rateLimits() {
        return rateLimits;
    }

    /// Takes over a delivery. Returns as soon as it is decided what to do; never throws.
    void receive(Delivery delivery, Session session) {
        try {
            decide(delivery, session);
        } catch (RuntimeException | Error e) { // too little memory or stack for it, at the worst
            LOG.error("message refused, because handling it failed: {}", describe(delivery), e);
            afterwards(() -> delivery.reject(false));
        }
    }

    private void decide(Delivery delivery, Session session) {
        if (delivery.defect().isPresent()) {
            refuse(delivery, LogText.of(delivery.defect().get()), () -> {});
            return;
        }
        var properties = delivery.message().properties();
        TaskRequest request;
        try {
            request = muster.protocol().read(delivery.message());
        } catch (RefusedMessageException e) {
            var reason = LogText.of(String.valueOf(e.getMessage()));
            refuse(
                    delivery,
                    reason,
                    () ->
                            e.taskId()
                                    .ifPresent(id ->
                                            workplace
                                                    .recorder()
                                                    .refused(id, properties.replyTo(), reason)));
            return;
        }
        Aftermath aftermath;
        try {
            aftermath =
                    Aftermath.of(
                            workplace.followers(),
                            request,
                            muster.settings(),
                            properties.priority());
        } catch (DecodeException e) {
            var reason = LogText.of(String.valueOf(e.getMessage()));
            refuse(
                    delivery,
                    "what shall follow the task is no workflow, " + reason,
                    () -> workplace.recorder().refused(request.id(), properties.replyTo(), reason));
            return;
        }
        var definition = muster.registry().find(request.task());
        if (definition.isEmpty()) {
            refuse(
                    delivery,
                    "no task of this name is registered here (is its class given with -A, or to tasks(…)?)",
                    () -> notRegistered(request, aftermath));
            return;
        }
        var task = ReceivedTask.of(workplace, definition.get(), request, delivery, aftermath);
        accept(new TaskExecution(workplace, task, session));
    }

    /// @param record tells those who wait for the task, off the worker's thread
    private void refuse(Delivery delivery, String reason, Runnable record) {
        LOG.error("message refused, {}: {}", reason, describe(delivery));
        muster.hooks().refused(delivery.message());
        afterwards(() -> {
            try {
                record.run();
            } finally {
                delivery.reject(false);
            }
        });
    }

    /// Other than with Celery, what waits for the task learns that it will not run.
    private void notRegistered(TaskRequest request, Aftermath aftermath) {
        if (!request.ignoreResult().orElse(false)
                || muster.settings().get(Setting.TASK_STORE_ERRORS_EVEN_IF_IGNORED)) {
            workplace
                    .recorder()
                    .failure(request, "NotRegistered", "celery.exceptions", request.task());
        }
        var failure = Followers.Failure.of("NotRegistered", "celery.exceptions", request.task());
        workplace.events().failed(request, failure);
        aftermath.failed(State.FAILURE, failure);
        muster.uniqueCalls().release(request);
    }

    private void accept(TaskExecution execution) {
        if (LOG.isInfoEnabled()) {
            try (var _ = execution.task().logContext()) {
                LOG.info("Task {} received", execution);
            }
        }
        workplace.events().received(execution.task().request());
        roster.count(execution);
        if (execution.delay().isPositive()) {
            // It takes no room while it is kept: a few tasks for tomorrow must not stop those for
            // today.
            roomFreed.run();
            if (!postpone(execution)) {
                keep(execution);
            }
        } else {
            start(execution, roomFreed);
        }
    }

    /// Runs it when a slot is free, or holds it first to keep the task at its rate.
    private void start(TaskExecution execution, Runnable freed) {
        var definition = execution.task().definition();
        if (sharedRates.isShared(definition)) {
            sharedRates.reserve(
                    definition,
                    execution.session(),
                    wait -> startAfter(wait, execution, freed),
                    freed);
        } else {
            startAfter(rateLimits.reserve(definition), execution, freed);
        }
    }

    private void startAfter(Duration wait, TaskExecution execution, Runnable freed) {
        if (wait.isPositive()) {
            roster.hold(execution);
            execution
                    .session()
                    .hold(
                            wait,
                            () -> {
                                roster.release(execution);
                                submit(execution, freed);
                            },
                            () -> {
                                roster.release(execution);
                                freed.run();
                            });
        } else {
            submit(execution, freed);
        }
    }

    /// Leaves what has long to wait to the broker, where that can keep it.
    private static boolean postpone(TaskExecution execution) {
        try {
            return execution.delay().compareTo(SHORTEST_POSTPONED) > 0 && execution.postpone();
        } catch (MusterException e) {
            LOG.debug("Task {} is kept here: {}", execution, e.getMessage());
            return false;
        }
    }

    private void keep(TaskExecution execution) {
        roster.schedule(execution);
        execution
                .session()
                .keep(
                        execution.eta().orElseThrow(),
                        () -> {
                            roster.release(execution);
                            start(execution, () -> {});
                        },
                        () -> roster.release(execution));
    }

    private void submit(TaskExecution execution, Runnable freed) {
        roster.activate(execution);
        pool.execute(slot -> {
            var settled = new AtomicBoolean();
            Consumer<Executor> settlement =
                    elsewhere -> {
                        if (settled.compareAndSet(false, true)) {
                            settle(execution, elsewhere, freed);
                        }
                    };
            try (var _ = execution.task().logContext()) {
                run(execution, slot, settlement);
            }
        });
    }

    private void run(TaskExecution execution, TaskPool.Slot slot, Consumer<Executor> settlement) {
        try {
            execution.run(() -> {
                try {
                    settlement.accept(pool::aside);
                } finally {
                    slot.giveUp();
                }
            });
        } catch (CancellationException e) { // given up before it began
            LOG.warn("Task {} was not run: {}", execution, e.getMessage());
        } catch (RuntimeException | Error e) { // not from the task, whose own it has caught
            LOG.error("Task {} was not run", execution, e);
        } finally {
            settlement.accept(rest -> pool.after(slot, rest));
        }
    }

    /// Without the slot, if it has to wait for the store or the broker: that is not the task's
    /// time.
    private void settle(TaskExecution execution, Executor elsewhere, Runnable freed) {
        if (execution.settlesAtOnce()) {
            settleHere(execution, freed);
        } else {
            elsewhere.execute(() -> {
                try (var _ = execution.task().logContext()) {
                    settleHere(execution, freed);
                }
            });
        }
    }

    private void settleHere(TaskExecution execution, Runnable freed) {
        try {
            execution.settle();
        } catch (MusterException e) {
            LOG.error("Task {}: {}", execution, e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("Task {} could not be settled", execution, e);
        } finally {
            roster.remove(execution);
            freed.run();
        }
    }

    /// Settles a message that is not run, off the worker's thread, which must not wait for a store
    /// that is away.
    private void afterwards(Runnable settlement) {
        pool.aside(() -> {
            try {
                settlement.run();
            } catch (MusterException e) {
                LOG.error("settling a message failed: {}", e.getMessage());
            } catch (RuntimeException | Error e) {
                LOG.error("settling a message failed", e);
            } finally {
                roomFreed.run();
            }
        });
    }

    /// What may be logged of a message: everything but its content.
    private static String describe(Delivery delivery) {
        var message = delivery.message();
        return "id=%s task=%s content-type=%s body=%d bytes exchange=%s routing-key=%s correlation-id=%s reply-to=%s priority=%s"
                .formatted(
                        LogText.of(message.headers().get("id")),
                        LogText.of(message.headers().get("task")),
                        LogText.of(message.contentType()),
                        message.body().length,
                        LogText.of(delivery.exchange()),
                        LogText.of(delivery.routingKey()),
                        LogText.of(message.properties().correlationId()),
                        LogText.of(message.properties().replyTo()),
                        message.properties().priority());
    }
}
