package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tasks that a worker has, from when they are taken until they are settled. Thread-safe.
final class Roster {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// What a slot is wanted for or used by. The worker is idle when it is empty. The values number
    /// them as they came.
    private final Map<TaskExecution, Long> active = new ConcurrentHashMap<>();

    private final AtomicLong activated = new AtomicLong();

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

    /// One more has come.
    void count(TaskExecution execution) {
        counts.computeIfAbsent(execution.task().definition().name(), _ -> new LongAdder())
                .increment();
    }

    /// It is kept until its time.
    void schedule(TaskExecution execution) {
        scheduled.add(execution);
    }

    /// It is held to keep its task at its rate.
    void hold(TaskExecution execution) {
        held.add(execution);
    }

    /// It is neither kept nor held any more.
    void release(TaskExecution execution) {
        scheduled.remove(execution);
        held.remove(execution);
    }

    /// It wants a slot.
    void activate(TaskExecution execution) {
        active.put(execution, activated.incrementAndGet());
        if (withholding) {
            execution.withhold();
        }
    }

    /// It has left its slot, and is settled.
    void remove(TaskExecution execution) {
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
            await(() -> active.keySet().stream().noneMatch(task -> task.session() == session));
        } finally {
            retiring.decrementAndGet();
        }
    }

    private Stream<TaskExecution> activeOf(Session session) {
        return inOrder().filter(execution -> execution.session() == session);
    }

    /// Those that are active, as they came: a set has another order each time, and a simulation
    /// shall be repeatable.
    private Stream<TaskExecution> inOrder() {
        return active.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
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
        return inOrder().filter(TaskExecution::isRunning).toList();
    }

    /// What was received, and has not begun, though its time has come.
    List<TaskExecution> reserved() {
        return Stream.concat(inOrder().filter(TaskExecution::isWaiting), held.stream()).toList();
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

    /// Gives up what runs. Returns when its loss is recorded, or cannot be now.
    void abandon() {
        // Those that wait come first: none of them may start in the slot of one that is
        // interrupted.
        withholding = true;
        active.keySet().forEach(TaskExecution::withhold);
        var interrupted = inOrder().filter(TaskExecution::abandon).toList();
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
        activeOf(session)
                .filter(execution -> execution.task().acksLate())
                .filter(TaskExecution::abandon)
                .forEach(execution -> {
                    LOG.warn(
                            "Task {} is cancelled, as the broker is lost and delivers it again",
                            execution);
                    recordLoss(execution);
                });
    }

    private static void recordLoss(TaskExecution execution) {
        try (var _ = execution.task().logContext()) {
            execution.recordLoss();
        } catch (MusterException e) {
            LOG.error("Task {}: its loss could not be recorded: {}", execution, e.getMessage());
        } catch (RuntimeException e) { // a defect, which must not keep the others
            LOG.error("Task {}: its loss could not be recorded", execution, e);
        }
    }
}
