package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.RefusedMessageException;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what happens with each message that a worker takes (celery-wire 6.1): refuse it, drop
/// it, hold it until its time has come, or run its task.
final class DeliveryHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// It is not worth a round trip to wait less.
    private static final Duration SHORTEST_POSTPONED = Duration.ofSeconds(1);

    private final Muster muster;
    private final String hostname;
    private final TaskPool pool;
    private final TaskRunner runner;
    private final Losses losses = new Losses();
    private final TaskEvents events;
    private final Runnable roomFreed;
    private final Recorder recorder;
    private final Supervisor supervisor;
    private final RateLimits rateLimits;
    private final SharedRates sharedRates;
    private final Followers followers;

    /// What a slot is wanted for or used by. The worker is idle when it is empty.
    private final Set<TaskExecution> active = ConcurrentHashMap.newKeySet();

    /// What is kept here until its time, and does not want a slot yet.
    private final Set<TaskExecution> scheduled = ConcurrentHashMap.newKeySet();

    /// What is held to keep its task at its rate.
    private final Set<TaskExecution> held = ConcurrentHashMap.newKeySet();

    /// How many of each task have come.
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    /// Told when something has ended that somebody may wait for.
    private final Condition idle = lock.newCondition();

    /// How many wait for the end of what some session has delivered.
    private final AtomicInteger retiring = new AtomicInteger();

    private volatile boolean withholding;
    private volatile boolean abandoned;

    /// @param roomFreed called once for each delivery, when it takes up no memory any more
    DeliveryHandler(
            Muster muster,
            String hostname,
            TaskPool pool,
            TaskRunner runner,
            Supervisor supervisor,
            TaskEvents events,
            Runnable roomFreed) {
        this.supervisor = supervisor;
        this.rateLimits =
                new RateLimits(muster.settings(), Timer.nanoTime(muster.environment().clock()));
        this.sharedRates = new SharedRates(muster, rateLimits);
        this.muster = muster;
        this.hostname = hostname;
        this.pool = pool;
        this.runner = runner;
        this.roomFreed = roomFreed;
        this.events = events;
        this.recorder = new Recorder(muster, hostname);
        this.followers = new Followers(muster, recorder);
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
            LOG.error(
                    "message refused, {}: {}",
                    LogText.of(delivery.defect().get()),
                    describe(delivery));
            muster.hooks().refused(delivery.message());
            afterwards(() -> delivery.reject(false));
            return;
        }
        TaskRequest request;
        try {
            request = muster.protocol().read(delivery.message());
        } catch (RefusedMessageException e) {
            LOG.error(
                    "message refused, {}: {}",
                    LogText.of(String.valueOf(e.getMessage())),
                    describe(delivery));
            muster.hooks().refused(delivery.message());
            afterwards(() -> {
                try {
                    e.taskId()
                            .ifPresent(id ->
                                    recorder.refused(
                                            id,
                                            delivery.message().properties().replyTo(),
                                            LogText.of(String.valueOf(e.getMessage()))));
                } finally {
                    delivery.reject(false);
                }
            });
            return;
        }
        Aftermath aftermath;
        try {
            aftermath =
                    Aftermath.of(
                            followers,
                            request,
                            muster.settings(),
                            delivery.message().properties().priority());
        } catch (DecodeException e) {
            LOG.error(
                    "message refused, what shall follow the task is no workflow, {}: {}",
                    LogText.of(String.valueOf(e.getMessage())),
                    describe(delivery));
            muster.hooks().refused(delivery.message());
            afterwards(() -> {
                try {
                    recorder.refused(
                            request.id(),
                            request.replyTo().orElse(null),
                            String.valueOf(e.getMessage()));
                } finally {
                    delivery.reject(false);
                }
            });
            return;
        }
        var task = muster.registry().find(request.task());
        if (task.isEmpty()) {
            LOG.error(
                    "message refused, no task of this name is registered here: {}. Is its class given with -A, or to tasks(…)?",
                    describe(delivery));
            muster.hooks().refused(delivery.message());
            refuse(delivery, request, aftermath);
        } else {
            accept(
                    new TaskExecution(
                            muster,
                            recorder,
                            task.get(),
                            request,
                            delivery,
                            session,
                            new TaskContext(
                                    request,
                                    DeliveryInfo.of(delivery),
                                    hostname,
                                    (state, meta) ->
                                            recorder.progress(
                                                    request, state, muster.json().toPlain(meta)),
                                    aftermath),
                            runner,
                            losses,
                            events,
                            aftermath),
                    session);
        }
    }

    /// Other than with Celery, what waits for the task learns that it will not run.
    private void refuse(Delivery delivery, TaskRequest request, Aftermath aftermath) {
        afterwards(() -> {
            try {
                if (!request.ignoreResult().orElse(false)) {
                    recorder.failure(request, "NotRegistered", "celery.exceptions", request.task());
                }
                var failure =
                        Followers.Failure.of("NotRegistered", "celery.exceptions", request.task());
                events.failed(request, failure);
                aftermath.failed(State.FAILURE, failure);
                muster.uniqueCalls().release(request);
            } finally {
                delivery.reject(false);
            }
        });
    }

    private void accept(TaskExecution execution, Session session) {
        if (LOG.isInfoEnabled()) {
            try (var _ = execution.logContext()) {
                LOG.info("Task {} received", execution);
            }
        }
        events.received(execution.request());
        counts.computeIfAbsent(execution.task().name(), _ -> new LongAdder()).increment();
        if (execution.delay().isPositive()) {
            // It takes no room while it is kept: a few tasks for tomorrow must not stop those for
            // today.
            roomFreed.run();
            if (!postpone(execution)) {
                keep(execution, session);
            }
        } else {
            start(execution, session, roomFreed);
        }
    }

    /// Runs it when a slot is free, or holds it first to keep the task at its rate.
    private void start(TaskExecution execution, Session session, Runnable freed) {
        if (sharedRates.isShared(execution.task())) {
            sharedRates.reserve(
                    execution.task(),
                    session,
                    wait -> startAfter(wait, execution, session, freed),
                    freed);
        } else {
            startAfter(rateLimits.reserve(execution.task()), execution, session, freed);
        }
    }

    private void startAfter(
            Duration wait, TaskExecution execution, Session session, Runnable freed) {
        if (wait.isPositive()) {
            held.add(execution);
            session.hold(
                    wait,
                    () -> {
                        held.remove(execution);
                        submit(execution, freed);
                    },
                    () -> {
                        held.remove(execution);
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

    private void keep(TaskExecution execution, Session session) {
        scheduled.add(execution);
        session.keep(
                execution::delay,
                () -> {
                    scheduled.remove(execution);
                    start(execution, session, () -> {});
                },
                () -> scheduled.remove(execution));
    }

    private void submit(TaskExecution execution, Runnable freed) {
        active.add(execution);
        if (withholding) {
            execution.withhold();
        }
        pool.execute(slot -> {
            var settled = new AtomicBoolean();
            Runnable settlement =
                    () -> {
                        if (settled.compareAndSet(false, true)) {
                            settle(execution, freed);
                        }
                    };
            try (var _ = execution.logContext()) {
                run(execution, slot, settlement);
            }
        });
    }

    private void run(TaskExecution execution, TaskPool.Slot slot, Runnable settlement) {
        try {
            execution.run(
                    supervisor,
                    () -> {
                        slot.giveUp();
                        settlement.run();
                    });
        } catch (CancellationException e) { // given up before it began
            LOG.warn("Task {} was not run: {}", execution, e.getMessage());
        } catch (RuntimeException | Error e) { // not from the task, whose own it has caught
            LOG.error("Task {} was not run", execution, e);
        } finally {
            settlement.run();
        }
    }

    /// Without the slot, if it has to wait for the store or the broker: that is not the task's
    /// time.
    private void settle(TaskExecution execution, Runnable freed) {
        if (execution.settlesAtOnce()) {
            settleHere(execution, freed);
        } else {
            pool.aside(() -> {
                try (var _ = execution.logContext()) {
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
            finished(execution);
            freed.run();
        }
    }

    private void finished(TaskExecution execution) {
        active.remove(execution);
        if (active.isEmpty() || retiring.get() > 0) {
            tell(() -> {});
        }
    }

    /// Has those look again who wait.
    private void tell(Runnable change) {
        lock.lock();
        try {
            change.run();
            idle.signalAll();
        } finally {
            lock.unlock();
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

    /// Waits until no task runs, or what runs has been abandoned.
    void awaitIdle() {
        // While tasks are being given up, their losses are being recorded: the worker must not end
        // before.
        await(() -> active.isEmpty() && !withholding);
    }

    /// Waits until nothing runs that this session has delivered, or what runs has been abandoned.
    void awaitIdle(Session session) {
        retiring.incrementAndGet();
        try {
            await(() -> active.stream().noneMatch(execution -> execution.isOf(session)));
        } finally {
            retiring.decrementAndGet();
        }
    }

    private void await(BooleanSupplier done) {
        lock.lock();
        try {
            while (!done.getAsBoolean() && !abandoned) {
                idle.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /// What runs now.
    List<TaskExecution> active() {
        return active.stream().filter(TaskExecution::isRunning).toList();
    }

    /// What was received, and has not begun, though its time has come.
    List<TaskExecution> reserved() {
        return Stream.concat(active.stream().filter(TaskExecution::isWaiting), held.stream())
                .toList();
    }

    /// What is kept until its time.
    List<TaskExecution> scheduled() {
        return List.copyOf(scheduled);
    }

    /// How many tasks run or wait for a slot.
    int load() {
        return active.size();
    }

    /// How many of each task have come, by name.
    Map<String, Long> counts() {
        var copy = new TreeMap<String, Long>();
        counts.forEach((name, count) -> copy.put(name, count.sum()));
        return copy;
    }

    RateLimits rateLimits() {
        return rateLimits;
    }

    /// Gives up what runs. Returns when its loss is recorded, or cannot be now.
    void abandon() {
        // Those that wait come first: none of them may start in the slot of one that is
        // interrupted.
        withholding = true;
        active.forEach(TaskExecution::withhold);
        var interrupted = active.stream().filter(TaskExecution::abandon).toList();
        try (var recording =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("settle-", 1).factory())) {
            interrupted.forEach(execution -> recording.execute(() -> recordLoss(execution)));
        } finally {
            tell(() -> abandoned = true);
        }
    }

    /// Interrupts what this session has delivered and is acknowledged late: its messages are back
    /// in the queue.
    void cancelWhatComesAgain(Session session) {
        active.stream()
                .filter(execution -> execution.isOf(session) && execution.acksLate())
                .filter(TaskExecution::abandon)
                .forEach(execution -> {
                    LOG.warn(
                            "Task {} is cancelled, as the broker is lost and delivers it again",
                            execution);
                    execution.recordLoss();
                });
    }

    private static void recordLoss(TaskExecution execution) {
        try (var _ = execution.logContext()) {
            execution.recordLoss();
        } catch (MusterException e) {
            LOG.error("Task {}: its loss could not be recorded: {}", execution, e.getMessage());
        }
    }

    boolean isAbandoned() {
        return abandoned;
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
