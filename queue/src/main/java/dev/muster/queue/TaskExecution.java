package dev.muster.queue;

import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of one task: from when its message is taken until its [Settlement].
///
/// [#run] takes a slot of the pool, [#settle()] follows without. The order on the way keeps every
/// promise: an early acknowledgement comes before the run, a late one after the result is stored.
final class TaskExecution {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Workplace workplace;
    private final Muster muster;
    private final ReceivedTask task;
    private final Session session;
    private final TaskCall call;
    private final Settlement settlement;

    /// Null while the task has not been run, and when its message has gone back to the broker.
    private @Nullable Outcome outcome;

    /// What the run holds while it has an idempotency key. Written under the lock, and read when
    /// the task has ended or been abandoned.
    private Idempotency.Lease lease = Idempotency.Lease.NONE;

    /// Guards the fields below: whoever is first decides, the end of the task or its being
    /// abandoned.
    private final Object lock = new Object();

    private @Nullable Thread thread;
    private Runnable onGivenUp = () -> {};
    private boolean givenUp;
    private boolean begun;
    private @Nullable Instant startedAt;
    private boolean abandoned;

    /// @param session that has delivered its message
    TaskExecution(Workplace workplace, ReceivedTask task, Session session) {
        this.workplace = workplace;
        this.muster = workplace.muster();
        this.task = task;
        this.session = session;
        this.call = new TaskCall(task.definition(), task.request(), task.context());
        this.settlement = new Settlement(workplace, task);
    }

    ReceivedTask task() {
        return task;
    }

    Session session() {
        return session;
    }

    /// How long the task must not be started yet; zero or less when its time has come.
    Duration delay() {
        return eta().map(eta -> Duration.between(now(), eta)).orElse(Duration.ZERO);
    }

    private Instant now() {
        return muster.environment().clock().instant();
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
        return task.id();
    }

    Optional<Instant> eta() {
        return task.request().eta();
    }

    /// As inspectors of workers see it (celery-wire 7.5).
    ///
    /// @param safe whether arguments are shown as Python prints them, and not as values
    Map<String, @Nullable Object> describe(String hostname, boolean safe) {
        var request = task.request();
        var info = task.context().delivery();
        var description = new LinkedHashMap<String, @Nullable Object>();
        description.put("id", request.id());
        description.put("name", request.task());
        description.put("args", safe ? PythonRepr.args(request.args()) : request.args());
        description.put("kwargs", safe ? PythonRepr.kwargs(request.kwargs()) : request.kwargs());
        description.put("type", request.task());
        description.put("hostname", hostname);
        synchronized (lock) {
            description.put("time_start", startedAt == null ? null : seconds(startedAt));
            description.put("acknowledged", begun && !task.acksLate());
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
        return eta().map(task.delivery()::postpone).orElse(false);
    }

    /// Runs the task on the calling thread, unless it has expired or been revoked, or its message
    /// has gone back to the broker.
    ///
    /// @param whenGivenUp called, by another thread, when the task is settled although it still
    ///   runs
    void run(Runnable whenGivenUp) {
        if (!begin(whenGivenUp)) {
            return;
        }
        try {
            if (!task.acksLate()) {
                acknowledge();
            }
            if (workplace.supervisor().isRevoked(task.request())) {
                discard(new Outcome.Revoked("revoked"), "revoked");
            } else if (isExpired()) {
                discard(new Outcome.Expired(), "expired");
            } else {
                runOnce();
            }
        } finally {
            end();
        }
    }

    private void discard(Outcome instead, String reason) {
        decide(instead);
        muster.hooks().discarded(task.context(), reason);
    }

    /// Runs the task, unless it has an idempotency key under which another has run, or runs, or is
    /// known to have succeeded itself.
    private void runOnce() {
        Idempotency.Entry entry;
        try {
            entry =
                    mayHaveSucceeded()
                            ? workplace.idempotency().again(task.request())
                            : workplace.idempotency().enter(task.request());
        } catch (ResultStoreException e) {
            if (task.acksLate()) {
                task.delivery().reject(true);
                throw e;
            }
            decide(new Outcome.Failure(e));
            return;
        }
        switch (entry) {
            case Idempotency.Entry.Run(var held) -> {
                if (hold(held)) {
                    runWatched();
                }
            }
            case Idempotency.Entry.Done(var value) -> decide(new Outcome.Repeated(value));
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
        return task.acksLate()
                && task.context().delivery().redelivered()
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

    private void runWatched() {
        var request = task.request();
        var supervisor = workplace.supervisor();
        var limits =
                TimeLimits.of(
                        request.timeLimit(),
                        supervisor.timeLimits(task.definition()),
                        muster.settings());
        workplace.events().started(request);
        muster.hooks().before(task.context());
        Outcome own;
        try (var _ = supervisor.watch(request, this, workplace.runner().unwatched(limits))) {
            own = muster.hooks().within(task.context(), () -> runTask(limits));
        }
        if (decide(own)) {
            muster.hooks().ended(task.context(), own);
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
            try (var _ = task.logContext()) {
                LOG.warn(
                        "Task {} is given up, {}. {}",
                        task,
                        instead,
                        workplace.runner().fate(thread));
            }
            call.endWith(signal.name());
            thread.interrupt();
        }
        muster.hooks().ended(task.context(), instead);
        onGivenUp.run();
    }

    /// Tells the task that runs that its soft time limit has passed.
    void remind(Duration limit) {
        synchronized (lock) {
            if (thread != null && !givenUp && !abandoned) {
                try (var _ = task.logContext()) {
                    LOG.warn(
                            "Soft time limit ({}s) exceeded for task {}",
                            limit.toMillis() / 1000.0,
                            task);
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
            startedAt = now();
            task.context().takenUp(startedAt);
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
        return task.request().expires().map(expires -> !expires.isAfter(now())).orElse(false);
    }

    private Outcome runTask(TimeLimits limits) {
        recordStart();
        task.context().runs(System.nanoTime());
        try {
            return workplace.runner().run(call, task.delivery(), limits);
        } finally {
            task.context().hasRun(System.nanoTime());
        }
    }

    /// STARTED is a courtesy: a store that is away must neither stop the task nor delay it.
    private void recordStart() {
        if (task.definition().tracksStarted(muster.settings().get(Setting.TASK_TRACK_STARTED))
                && !task.ignoresResult()) {
            try {
                workplace.recorder().started(task.request());
            } catch (RuntimeException e) {
                LOG.warn("Task {}: its start could not be recorded: {}", task, e.getMessage());
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
            if (task.context().delivery().redelivered()) {
                task.delivery().ack();
            } else {
                task.delivery().ackSoon();
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "Task {} could not be acknowledged and may run again: {}",
                    task,
                    e.getMessage());
        }
    }

    /// Whether [#settle()] need not wait for anybody.
    boolean settlesAtOnce() {
        return outcome == null || isAbandoned() || settlement.isEmpty(outcome);
    }

    /// Brings about what the outcome leads to, if the task has run.
    ///
    /// @throws dev.muster.queue.spi.MusterException when not all could be done
    void settle() {
        var ended = outcome;
        if (ended != null && !isAbandoned()) {
            settlement.settle(ended, lease);
        }
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
        settlement.abandon(lease);
    }

    private boolean isAbandoned() {
        synchronized (lock) {
            return abandoned;
        }
    }

    /// As the log names its task.
    @Override
    public String toString() {
        return task.toString();
    }
}
