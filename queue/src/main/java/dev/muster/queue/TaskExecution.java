package dev.muster.queue;

import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of one task: from its message to its stored outcome and the acknowledgement.
///
/// [#run] takes a slot of the pool, [#settle()] follows without. The order on the way keeps every
/// promise: an early acknowledgement comes before the run, a late one after the result is stored.
final class TaskExecution {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// A task that always kills its process must not come back for ever.
    private static final int MAX_LOSSES = 3;

    private final Muster muster;
    private final Recorder recorder;
    private final TaskDefinition task;
    private final TaskRequest request;
    private final Map<String, String> logFields;
    private final Delivery delivery;
    private final Session session;
    private final TaskContext context;
    private final TaskCall call;
    private final TaskRunner runner;
    private final Losses losses;
    private final TaskEvents events;
    private final Aftermath aftermath;
    private final boolean acksLate;
    private final Resender resender;
    private final Idempotency idempotency;

    /// Null while the task has not been run, and when its message has gone back to the broker.
    private @Nullable Outcome outcome;

    /// How often it has been lost, if it has been lost now.
    private int lossCount;

    /// What the run holds while it has an idempotency key. Written under the lock, and read when
    /// the task has ended or been abandoned.
    private Idempotency.Lease lease = Idempotency.Lease.NONE;

    /// Whether the value is that of an earlier run.
    private boolean wasDoneBefore;

    /// Whether the task has not ended, as its message comes again.
    private boolean comesAgain;

    /// Guards the fields below: whoever is first decides, the end of the task or its being
    /// abandoned.
    private final Object lock = new Object();

    private @Nullable Thread thread;
    private Runnable onGivenUp = () -> {};
    private boolean givenUp;
    private boolean begun;
    private @Nullable Instant startedAt;
    private boolean abandoned;

    TaskExecution(
            Muster muster,
            Recorder recorder,
            TaskDefinition task,
            TaskRequest request,
            Delivery delivery,
            Session session,
            TaskContext context,
            TaskRunner runner,
            Losses losses,
            TaskEvents events,
            Aftermath aftermath) {
        this.muster = muster;
        this.recorder = recorder;
        this.task = task;
        this.request = request;
        this.logFields = LogContext.fields(request);
        this.delivery = delivery;
        this.session = session;
        this.context = context;
        this.call = new TaskCall(task, request, context);
        this.runner = runner;
        this.losses = losses;
        this.events = events;
        this.aftermath = aftermath;
        this.resender = new Resender(muster);
        this.idempotency = new Idempotency(muster, recorder);
        this.acksLate = task.acksLate(muster.settings().get(Setting.TASK_ACKS_LATE));
    }

    /// How long the task must not be started yet; zero or less when its time has come.
    Duration delay() {
        return request.eta()
                .map(eta -> Duration.between(muster.environment().clock().instant(), eta))
                .orElse(Duration.ZERO);
    }

    TaskDefinition task() {
        return task;
    }

    /// Has what the calling thread logs bear the ids of this task.
    LogContext logContext() {
        return LogContext.open(logFields);
    }

    boolean isOf(Session other) {
        return session == other;
    }

    boolean acksLate() {
        return acksLate;
    }

    boolean isRunning() {
        synchronized (lock) {
            return thread != null;
        }
    }

    boolean isWaiting() {
        synchronized (lock) {
            return !begun;
        }
    }

    String id() {
        return request.id();
    }

    TaskRequest request() {
        return request;
    }

    Optional<Instant> eta() {
        return request.eta();
    }

    /// As inspectors of workers see it (celery-wire 7.5).
    ///
    /// @param safe whether arguments are shown as Python prints them, and not as values
    Map<String, @Nullable Object> describe(String hostname, boolean safe) {
        var info = context.delivery();
        var description = new LinkedHashMap<String, @Nullable Object>();
        description.put("id", request.id());
        description.put("name", request.task());
        description.put("args", safe ? PythonRepr.args(request.args()) : request.args());
        description.put("kwargs", safe ? PythonRepr.kwargs(request.kwargs()) : request.kwargs());
        description.put("type", request.task());
        description.put("hostname", hostname);
        synchronized (lock) {
            description.put("time_start", startedAt == null ? null : seconds(startedAt));
            description.put("acknowledged", begun && !acksLate);
            description.put(
                    "delivery_info",
                    Map.of(
                            "exchange",
                            info.exchange(),
                            "routing_key",
                            info.routingKey(),
                            "priority",
                            Objects.requireNonNullElse(info.priority(), 0),
                            "redelivered",
                            info.redelivered()));
            description.put("worker_pid", begun ? call.processId().orElse(null) : null);
        }
        return description;
    }

    private static double seconds(Instant instant) {
        return instant.toEpochMilli() / 1000.0;
    }

    /// Hands it back to the broker until its time, where the broker can keep it.
    boolean postpone() {
        return request.eta().map(delivery::postpone).orElse(false);
    }

    /// Runs the task on the calling thread, unless it has expired or been revoked, or its message
    /// has gone back to the broker.
    ///
    /// @param whenGivenUp called, by another thread, when the task is settled although it still
    ///   runs
    void run(Supervisor supervisor, Runnable whenGivenUp) {
        if (!begin(whenGivenUp)) {
            return;
        }
        try {
            if (!acksLate) {
                acknowledge();
            }
            if (supervisor.isRevoked(request)) {
                discard(new Outcome.Revoked("revoked"), "revoked");
            } else if (isExpired()) {
                discard(new Outcome.Expired(), "expired");
            } else {
                runOnce(supervisor);
            }
        } finally {
            end();
        }
    }

    private void discard(Outcome instead, String reason) {
        decide(instead);
        muster.hooks().discarded(context, reason);
    }

    /// Runs the task, unless it has an idempotency key under which another has run, or runs, or is
    /// known to have succeeded itself.
    private void runOnce(Supervisor supervisor) {
        Idempotency.Entry entry;
        try {
            entry = mayHaveSucceeded() ? idempotency.again(request) : idempotency.enter(request);
        } catch (ResultStoreException e) {
            if (acksLate) {
                delivery.reject(true);
                throw e;
            }
            decide(new Outcome.Failure(e));
            return;
        }
        switch (entry) {
            case Idempotency.Entry.Run(var held) -> {
                if (hold(held)) {
                    runWatched(supervisor);
                }
            }
            case Idempotency.Entry.Done(var value) -> {
                wasDoneBefore = true;
                decide(new Outcome.Success(value));
            }
            case Idempotency.Entry.Busy(var again) -> decide(new Outcome.Busy(again));
        }
    }

    /// Keeps the lease until the task ends, unless it has been abandoned or given up meanwhile:
    /// then nobody would give the lease back, and it would be renewed for ever.
    private boolean hold(Idempotency.Lease held) {
        synchronized (lock) {
            if (!abandoned && !givenUp) {
                lease = held;
                return true;
            }
        }
        held.close();
        return false;
    }

    /// A worker that is lost after it has stored a result, and before it acknowledges, leaves a
    /// message that comes again.
    private boolean mayHaveSucceeded() {
        return acksLate
                && context.delivery().redelivered()
                && muster.settings().get(Setting.WORKER_DEDUPLICATE_SUCCESSFUL_TASKS);
    }

    /// Unless it has been decided already, by giving the task up.
    ///
    /// @return whether this outcome counts
    private boolean decide(Outcome own) {
        synchronized (lock) {
            if (!givenUp) {
                outcome = own;
            }
            return !givenUp;
        }
    }

    private void runWatched(Supervisor supervisor) {
        var limits =
                TimeLimits.of(request.timeLimit(), supervisor.timeLimits(task), muster.settings());
        events.started(request);
        muster.hooks().before(context);
        Outcome own;
        try (var _ = supervisor.watch(request, this, runner.unwatched(limits))) {
            own = muster.hooks().within(context, () -> runTask(limits));
        }
        if (own instanceof Outcome.Lost(_, var mayHaveBegun) && mayHaveBegun) {
            lossCount = losses.add(request.id());
        }
        if (decide(own)) {
            muster.hooks().ended(context, own);
        }
    }

    /// Settles the task that runs, without waiting for its end: what it does from now on is not
    /// looked at any more. Does nothing when it does not run.
    ///
    /// @param signal how its process is ended, if it runs in one of its own
    void giveUp(Outcome instead, Signal signal) {
        synchronized (lock) {
            if (thread == null || givenUp || abandoned) {
                return;
            }
            givenUp = true;
            outcome = instead;
            try (var _ = logContext()) {
                LOG.warn("Task {} is given up, {}. {}", this, instead, runner.fate(thread));
            }
            call.endWith(signal.name());
            thread.interrupt();
        }
        muster.hooks().ended(context, instead);
        onGivenUp.run();
    }

    /// Tells the task that runs that its soft time limit has passed.
    void remind(Duration limit) {
        synchronized (lock) {
            if (thread != null && !givenUp && !abandoned) {
                try (var _ = logContext()) {
                    LOG.warn(
                            "Soft time limit ({}s) exceeded for task {}",
                            limit.toMillis() / 1000.0,
                            this);
                }
                call.remind(limit);
            }
        }
    }

    private boolean begin(Runnable whenGivenUp) {
        synchronized (lock) {
            if (session.isOver() || abandoned) {
                return false;
            }
            onGivenUp = whenGivenUp;
            thread = Thread.currentThread();
            begun = true;
            startedAt = muster.environment().clock().instant();
            context.takenUp(startedAt);
            return true;
        }
    }

    private void end() {
        synchronized (lock) {
            thread = null;
            Thread.interrupted(); // an interrupt that came too late is not meant for the next
            // task of this thread
        }
    }

    private boolean isExpired() {
        return request.expires()
                .map(expires -> !expires.isAfter(muster.environment().clock().instant()))
                .orElse(false);
    }

    private Outcome runTask(TimeLimits limits) {
        recordStart();
        context.runs(System.nanoTime());
        try {
            return runner.run(call, delivery, limits);
        } finally {
            context.hasRun(System.nanoTime());
        }
    }

    /// STARTED is a courtesy: a store that is away must neither stop the task nor delay it.
    private void recordStart() {
        if (task.tracksStarted(muster.settings().get(Setting.TASK_TRACK_STARTED))
                && !ignoresResult()) {
            try {
                recorder.started(request);
            } catch (RuntimeException e) {
                LOG.warn("Task {}: its start could not be recorded: {}", this, e.getMessage());
            }
        }
    }

    /// Acknowledges before the run: as Celery does, without waiting until the broker has been told.
    /// But a message that comes again may have killed its worker just then, so it is gone before
    /// its task begins another time.
    ///
    /// When the broker is lost at this moment, nobody knows whether it has heard it: the task runs
    /// all the same, as running it twice is better than never.
    private void acknowledge() {
        try {
            if (context.delivery().redelivered()) {
                delivery.ack();
            } else {
                delivery.ackSoon();
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "Task {} could not be acknowledged and may run again: {}",
                    this,
                    e.getMessage());
        }
    }

    /// Whether nothing is left to store or to acknowledge.
    boolean settlesAtOnce() {
        return outcome == null
                || isAbandoned()
                || (!acksLate
                        && ignoresResult()
                        && !request.headers().containsKey(Idempotency.HEADER)
                        && !UniqueCalls.isUnique(request)
                        && aftermath.isNothing()
                        && outcome instanceof Outcome.Success);
    }

    /// Stores the outcome, brings about what follows, and acknowledges if that comes last.
    ///
    /// @throws ResultStoreException when the outcome cannot be stored; a message to be acknowledged
    ///   late has then been given back
    /// @throws BrokerException when the message could not be given back, or what follows not be
    ///   sent
    void settle() {
        var ended = outcome;
        if (ended != null && !isAbandoned()) {
            muster.hooks().within(context, () -> settle(ended));
        }
    }

    private void settle(Outcome ended) {
        try {
            store(ended);
        } catch (RuntimeException | Error e) {
            if (acksLate) {
                comesAgain = true;
                delivery.reject(true);
            }
            throw e;
        } finally {
            lease.close();
            if (!comesAgain && !goesBack(ended)) {
                muster.uniqueCalls().release(request);
            }
        }
        if (!acksLate) {
            return;
        }
        var acknowledgesFailures = muster.settings().get(Setting.TASK_ACKS_ON_FAILURE_OR_TIMEOUT);
        switch (ended) {
            case Outcome.Rejected(var requeue) -> delivery.reject(requeue);
            case Outcome.Failure _ when !acknowledgesFailures -> delivery.reject(false);
            case Outcome.TimedOut _ when !acknowledgesFailures -> delivery.reject(true);
            case Outcome.Lost _ when returnsWhenLost() -> delivery.reject(true);
            case Outcome.Lost _ when !acknowledgesFailures -> delivery.reject(false);
            default -> delivery.ackSoon();
        }
    }

    private boolean goesBack(Outcome ended) {
        return acksLate
                && switch (ended) {
                    case Outcome.Rejected(var requeue) -> requeue;
                    case Outcome.TimedOut _ ->
                            !muster.settings().get(Setting.TASK_ACKS_ON_FAILURE_OR_TIMEOUT);
                    case Outcome.Lost _ -> returnsWhenLost();
                    default -> false;
                };
    }

    private void store(Outcome ended) {
        switch (ended) {
            case Outcome.Success(var value) -> storeSuccess(value);
            case Outcome.Failure(var cause) -> storeFailure(cause);
            case Outcome.Replaced(var workflow) -> replace(workflow);
            case Outcome.Retry(var eta, var cause) -> retry(eta, cause);
            case Outcome.Busy(var eta) -> {
                if (resend(request.postponed(eta), null)) {
                    LOG.info("Task {} comes again, as another with its idempotency key runs", this);
                }
            }
            case Outcome.Ignored _ -> LOG.info("Task {} ignored", this);
            case Outcome.Rejected(var requeue) -> {
                if (acksLate) {
                    events.rejected(request, requeue);
                    LOG.info("Task {} rejected, {}", this, requeue ? "requeued" : "not requeued");
                } else {
                    LOG.warn(
                            "Task {} rejected its message, which was acknowledged before it ran; set acksLate",
                            this);
                }
            }
            case Outcome.TimedOut(var limit) -> storeTimeOut(limit);
            case Outcome.Lost(var reason, _) -> storeLoss(reason);
            case Outcome.Revoked(var reason) -> storeRevoked(reason);
            case Outcome.Expired _ -> storeRevoked("expired");
        }
    }

    /// The record comes before the message: with no delay a worker could otherwise be done with the
    /// next try first, and RETRY would be the last word.
    private void retry(Instant eta, @Nullable Throwable cause) {
        if (!ignoresResult()) {
            try {
                recorder.retry(request, cause);
            } catch (RuntimeException e) {
                LOG.warn("Task {}: its retry could not be recorded: {}", this, e.getMessage());
            }
        }
        muster.uniqueCalls().prolong(request, eta);
        if (resend(request.retry(eta), cause)) {
            events.retried(request, cause);
            LOG.info(
                    "Task {} retry at {}: {}",
                    this,
                    eta,
                    cause == null ? "no reason given" : Failures.summary(cause));
        }
    }

    /// @param cause what the task fails with, if its message cannot be sent
    /// @return whether it comes again
    private boolean resend(TaskRequest again, @Nullable Throwable cause) {
        try {
            resender.resend(again, delivery);
        } catch (BrokerException e) {
            if (acksLate) {
                throw e; // the message goes back
            }
            LOG.error("Task {} cannot be tried again: {}", this, e.getMessage());
            storeFailure(cause == null ? e : cause);
            return false;
        }
        comesAgain = true;
        return true;
    }

    private void storeTimeOut(Duration limit) {
        if (storesFailures()) {
            recorder.timedOut(request, limit);
        }
        LOG.error("Task {} failed: it took longer than {}", this, limit);
        failed(Followers.Failure.of(Failures.timedOut(limit)));
    }

    private void storeLoss(String reason) {
        if (returnsWhenLost()) {
            LOG.error("Task {} goes back to its queue: {}", this, reason);
            return;
        }
        LOG.error("Task {} failed: {}", this, reason);
        if (storesFailures()) {
            recorder.lost(request, reason);
        }
        failed(lost(reason));
    }

    private boolean returnsWhenLost() {
        var wanted =
                task.rejectsOnWorkerLost(muster.settings().get(Setting.TASK_REJECT_ON_WORKER_LOST));
        return acksLate && (lossCount == 0 || (wanted && lossCount < MAX_LOSSES));
    }

    private static Followers.Failure lost(String reason) {
        return Followers.Failure.of("WorkerLostError", "billiard.exceptions", reason);
    }

    private void storeRevoked(String reason) {
        LOG.info("Discarding {} task {}", reason, this);
        events.revoked(request, reason);
        if (!ignoresResult()) {
            recorder.revoked(request, reason);
        }
        aftermath.failed(State.REVOKED, Followers.Failure.of(Failures.revoked(reason)));
    }

    private void replace(Workflow<?> workflow) {
        try {
            aftermath.replace(workflow);
            LOG.info("Task {} is replaced", this);
        } catch (MusterException | IllegalStateException e) {
            failToFollow(e);
        }
    }

    private boolean storesFailures() {
        return !ignoresResult() || muster.settings().get(Setting.TASK_STORE_ERRORS_EVEN_IF_IGNORED);
    }

    private void storeSuccess(@Nullable Object value) {
        try {
            if (!wasDoneBefore) {
                idempotency.succeeded(request, value);
            }
            var children = new ArrayList<>(context.sent());
            children.addAll(aftermath.succeeded(value));
            if (!ignoresResult()) {
                recorder.success(request, value, children);
            }
            aftermath.recorded(State.SUCCESS, value);
        } catch (EncodeException | BrokerException e) {
            failToFollow(e);
            return;
        }
        events.succeeded(request, value, runSeconds());
        if (wasDoneBefore) {
            LOG.info("Task {} has the result of an earlier run", this);
        } else if (LOG.isInfoEnabled()) {
            LOG.info("Task {} succeeded in {}s: {}", this, seconds(), PythonRepr.value(value));
        }
    }

    /// The code of the task has run, but what came of it cannot be passed on.
    ///
    /// @throws BrokerException when its message goes back, so that it is run again
    private void failToFollow(RuntimeException cause) {
        if (acksLate && cause instanceof BrokerException lost) {
            throw lost;
        }
        storeFailure(cause);
    }

    private void storeFailure(Throwable cause) {
        if (storesFailures()) {
            recorder.failure(request, cause);
        }
        LOG.error(
                "Task {} failed in {}s: {}\n{}", this, seconds(), cause, Failures.traceback(cause));
        failed(Followers.Failure.of(cause));
    }

    private void failed(Followers.Failure failure) {
        events.failed(request, failure);
        aftermath.failed(State.FAILURE, failure);
    }

    private String seconds() {
        return String.format(Locale.ROOT, "%.6f", runSeconds());
    }

    private double runSeconds() {
        return (double) context.runTime().toNanos() / TimeUnit.SECONDS.toNanos(1);
    }

    private boolean ignoresResult() {
        return request.ignoreResult()
                .orElseGet(() ->
                        task.ignoresResult(muster.settings().get(Setting.TASK_IGNORE_RESULT)));
    }

    /// Does not let it start any more, if it has not yet.
    void withhold() {
        synchronized (lock) {
            abandoned = abandoned || !begun;
        }
    }

    /// Gives the task up, and interrupts it if it runs.
    ///
    /// @return whether it ran
    boolean abandon() {
        synchronized (lock) {
            if (thread == null || givenUp) {
                // Not begun, or ended already: then its outcome is on the way to the store.
                abandoned = abandoned || !begun;
                return false;
            }
            abandoned = true;
            thread.interrupt();
            return true;
        }
    }

    /// Records that the abandoned task is lost, unless its message goes back to the queue.
    void recordLoss() {
        muster.hooks().within(context, this::recordLossHere);
    }

    private void recordLossHere() {
        lease.close();
        if (acksLate) {
            return;
        }
        muster.uniqueCalls().release(request);
        if (!ignoresResult()) {
            recorder.stopped(request);
        }
        failed(lost(Recorder.STOPPED));
    }

    private boolean isAbandoned() {
        synchronized (lock) {
            return abandoned;
        }
    }

    @Override
    public String toString() {
        return "%s[%s]"
                .formatted(
                        LogText.of(request.shadow().orElse(request.task())),
                        LogText.of(request.id()));
    }
}
