package dev.muster.queue;

import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one task that has ended leads to: its result is stored, what follows is sent, and its
/// message settled if that was not done before it ran.
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// A task that always kills its process must not come back for ever.
    private static final int MAX_LOSSES = 3;

    private final ReceivedTask task;
    private final TaskRequest request;
    private final TaskContext context;
    private final Delivery delivery;
    private final Aftermath aftermath;
    private final Muster muster;
    private final Settings settings;
    private final Recorder recorder;
    private final TaskEvents events;
    private final Idempotency idempotency;
    private final Resender resender;
    private final Losses losses;

    Settlement(Workplace workplace, ReceivedTask task) {
        this.task = task;
        this.request = task.request();
        this.context = task.context();
        this.delivery = task.delivery();
        this.aftermath = task.aftermath();
        this.muster = workplace.muster();
        this.settings = muster.settings();
        this.recorder = workplace.recorder();
        this.events = workplace.events();
        this.idempotency = workplace.idempotency();
        this.resender = workplace.resender();
        this.losses = workplace.losses();
    }

    /// What becomes of the task. Its message is only told if it is acknowledged late.
    private enum Fate {
        /// It is over.
        ENDED,
        /// Another message has been sent, with which it comes again.
        SENT_AGAIN,
        /// Its message goes back to the queue, and it comes again.
        RETURNED,
        /// It is over, and its message is refused: it goes where the queue's dead letters go.
        REFUSED
    }

    /// Whether nothing is to be stored or sent, and nobody to be told, after such an outcome.
    boolean isEmpty(Outcome ended) {
        return !task.acksLate()
                && task.ignoresResult()
                && !request.headers().containsKey(Idempotency.HEADER)
                && !UniqueCalls.isUnique(request)
                && aftermath.isNothing()
                && ended instanceof Outcome.Success;
    }

    /// @param lease what the task has held while it ran
    /// @throws dev.muster.queue.spi.ResultStoreException when the outcome cannot be stored; a
    ///   message to be acknowledged late has then been given back
    /// @throws BrokerException when the message could not be given back, or what follows not be
    ///   sent
    void settle(Outcome ended, Idempotency.Lease lease) {
        muster.hooks().within(context, () -> settleHere(ended, lease));
    }

    private void settleHere(Outcome ended, Idempotency.Lease lease) {
        var fate = task.acksLate() ? Fate.RETURNED : Fate.ENDED; // when this fails
        try {
            fate = conclude(ended);
        } finally {
            try {
                giveUpClaims(lease, fate);
            } finally {
                if (task.acksLate()) {
                    settleMessage(fate);
                }
            }
        }
    }

    /// Before the message is settled, as the next delivery shall find them free.
    private void giveUpClaims(Idempotency.Lease lease, Fate fate) {
        giveUpClaim(lease::close);
        if (!comesAgain(fate)) {
            giveUpClaim(() -> muster.uniqueCalls().release(request));
        }
    }

    private void giveUpClaim(Runnable giveUp) {
        try {
            giveUp.run();
        } catch (RuntimeException e) {
            LOG.error("Task {}: a claim of it lapses by itself", task, e);
        }
    }

    private boolean comesAgain(Fate fate) {
        return fate == Fate.SENT_AGAIN || (fate == Fate.RETURNED && task.acksLate());
    }

    private void settleMessage(Fate fate) {
        switch (fate) {
            case ENDED, SENT_AGAIN -> delivery.ackSoon();
            case RETURNED -> delivery.reject(true);
            case REFUSED -> delivery.reject(false);
        }
    }

    /// Records that the task was abandoned while it ran, unless its message goes back to the queue.
    void abandon(Idempotency.Lease lease) {
        muster.hooks()
                .within(
                        context,
                        () -> {
                            lease.close();
                            if (!task.acksLate()) {
                                muster.uniqueCalls().release(request);
                                if (storesFailures()) {
                                    recorder.stopped(request);
                                }
                                failed(lost(Recorder.STOPPED));
                            }
                        });
    }

    private Fate conclude(Outcome ended) {
        return switch (ended) {
            case Outcome.Success(var value) -> succeeded(value);
            case Outcome.Repeated(var value) -> repeated(value);
            case Outcome.Failure(var cause) -> failed(cause);
            case Outcome.Replaced(var workflow) -> replaced(workflow);
            case Outcome.Retry(var eta, var cause) -> retried(eta, cause);
            case Outcome.Busy(var eta) -> busy(eta);
            case Outcome.Ignored _ -> {
                LOG.info("Task {} ignored", task);
                yield Fate.ENDED;
            }
            case Outcome.Rejected(var requeue) -> rejected(requeue);
            case Outcome.TimedOut(var limit) -> timedOut(limit);
            case Outcome.Lost(var reason, var begun) -> lost(reason, begun);
            case Outcome.Revoked(var reason) -> revoked(reason);
            case Outcome.Expired _ -> revoked("expired");
        };
    }

    private Fate succeeded(@Nullable Object value) {
        try {
            idempotency.succeeded(request, value);
            recordSuccess(value);
        } catch (EncodeException | BrokerException e) {
            return cannotBePassedOn(e);
        }
        if (LOG.isInfoEnabled()) {
            LOG.info("Task {} succeeded in {}s: {}", task, seconds(), PythonRepr.value(value));
        }
        return Fate.ENDED;
    }

    private Fate repeated(@Nullable Object value) {
        try {
            recordSuccess(value);
        } catch (EncodeException | BrokerException e) {
            return cannotBePassedOn(e);
        }
        LOG.info("Task {} has the result of an earlier run", task);
        return Fate.ENDED;
    }

    private void recordSuccess(@Nullable Object value) {
        var children = new ArrayList<>(context.sent());
        children.addAll(aftermath.succeeded(value));
        if (!task.ignoresResult()) {
            recorder.success(request, value, children);
        }
        aftermath.recorded(State.SUCCESS, value);
        events.succeeded(request, value, runSeconds());
    }

    private Fate replaced(Workflow<?> workflow) {
        try {
            aftermath.replace(workflow);
        } catch (MusterException | IllegalStateException e) {
            return cannotBePassedOn(e);
        }
        LOG.info("Task {} is replaced", task);
        return Fate.ENDED;
    }

    /// The code of the task has run, but what came of it cannot be passed on.
    ///
    /// @throws BrokerException when its message goes back, so that it is run again
    private Fate cannotBePassedOn(RuntimeException cause) {
        if (task.acksLate() && cause instanceof BrokerException lost) {
            throw lost;
        }
        return failed(cause);
    }

    private Fate failed(Throwable cause) {
        if (storesFailures()) {
            recorder.failure(request, cause);
        }
        LOG.error(
                "Task {} failed in {}s: {}\n{}", task, seconds(), cause, Failures.traceback(cause));
        failed(Followers.Failure.of(cause));
        return acknowledgesFailures() ? Fate.ENDED : Fate.REFUSED;
    }

    /// The record comes before the message: with no delay a worker could otherwise be done with the
    /// next try first, and RETRY would be the last word.
    private Fate retried(Instant eta, @Nullable Throwable cause) {
        if (!task.ignoresResult()) {
            try {
                recorder.retry(request, cause);
            } catch (RuntimeException e) {
                LOG.warn("Task {}: its retry could not be recorded: {}", task, e.getMessage());
            }
        }
        muster.uniqueCalls().prolong(request, eta);
        var fate = resend(request.retry(eta), cause);
        if (fate == Fate.SENT_AGAIN) {
            events.retried(request, cause);
            LOG.info(
                    "Task {} retry at {}: {}",
                    task,
                    eta,
                    cause == null ? "no reason given" : Failures.summary(cause));
        }
        return fate;
    }

    private Fate busy(Instant eta) {
        var fate = resend(request.postponed(eta), null);
        if (fate == Fate.SENT_AGAIN) {
            LOG.info("Task {} comes again, as another with its idempotency key runs", task);
        }
        return fate;
    }

    /// @param cause what the task fails with, if its message cannot be sent
    private Fate resend(TaskRequest again, @Nullable Throwable cause) {
        try {
            resender.resend(again, delivery);
        } catch (BrokerException e) {
            if (task.acksLate()) {
                throw e; // the message goes back
            }
            LOG.error("Task {} cannot be tried again: {}", task, e.getMessage());
            return failed(cause == null ? e : cause);
        }
        return Fate.SENT_AGAIN;
    }

    private Fate rejected(boolean requeue) {
        if (task.acksLate()) {
            events.rejected(request, requeue);
            LOG.info("Task {} rejected, {}", task, requeue ? "requeued" : "not requeued");
        } else {
            LOG.warn(
                    "Task {} rejected its message, which was acknowledged before it ran; set acksLate",
                    task);
        }
        return requeue ? Fate.RETURNED : Fate.REFUSED;
    }

    private Fate timedOut(Duration limit) {
        if (storesFailures()) {
            recorder.timedOut(request, limit);
        }
        LOG.error("Task {} failed: it took longer than {}", task, limit);
        failed(Followers.Failure.of(Failures.timedOut(limit)));
        return acknowledgesFailures() ? Fate.ENDED : Fate.RETURNED;
    }

    /// @param begun whether it may have begun
    private Fate lost(String reason, boolean begun) {
        if (returns(begun)) {
            LOG.error("Task {} goes back to its queue: {}", task, reason);
            return Fate.RETURNED;
        }
        LOG.error("Task {} failed: {}", task, reason);
        if (storesFailures()) {
            recorder.lost(request, reason);
        }
        failed(lost(reason));
        return acknowledgesFailures() ? Fate.ENDED : Fate.REFUSED;
    }

    private boolean returns(boolean begun) {
        if (!task.acksLate()) {
            return false;
        }
        return !begun
                || (losses.add(task.id()) < MAX_LOSSES
                        && task.definition()
                                .rejectsOnWorkerLost(
                                        settings.get(Setting.TASK_REJECT_ON_WORKER_LOST)));
    }

    private static Followers.Failure lost(String reason) {
        return Followers.Failure.of(Failures.workerLost(reason));
    }

    private Fate revoked(String reason) {
        LOG.info("Discarding {} task {}", reason, task);
        events.revoked(request, reason);
        if (!task.ignoresResult()) {
            recorder.revoked(request, reason);
        }
        aftermath.failed(State.REVOKED, Followers.Failure.of(Failures.revoked(reason)));
        return Fate.ENDED;
    }

    private void failed(Followers.Failure failure) {
        events.failed(request, failure);
        aftermath.failed(State.FAILURE, failure);
    }

    private boolean storesFailures() {
        return !task.ignoresResult() || settings.get(Setting.TASK_STORE_ERRORS_EVEN_IF_IGNORED);
    }

    private boolean acknowledgesFailures() {
        return settings.get(Setting.TASK_ACKS_ON_FAILURE_OR_TIMEOUT);
    }

    private String seconds() {
        return String.format(Locale.ROOT, "%.6f", runSeconds());
    }

    private double runSeconds() {
        return (double) context.runTime().toNanos() / TimeUnit.SECONDS.toNanos(1);
    }
}
