package dev.muster.testkit.simulation;

import dev.muster.queue.spi.SimulatedClock;
import dev.muster.queue.spi.TurnableClock;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A process of the simulation, with threads and a clock of its own. It can be killed between any
/// two steps: its threads then never go on.
///
/// The threads are virtual ones that this object schedules, and so are those that they start.
final class Node implements SimulatedClock, Executor {
    private static final Constructor<?> BUILDER = builder();

    private final Simulation simulation;
    private final String name;
    private final List<Runnable> frozen = new ArrayList<>();
    private Duration skew = Duration.ZERO;
    private boolean suspended;
    private boolean dead;
    private boolean crashed;
    private boolean hurried;
    private int harms;

    private @Nullable NodeBroker broker;

    Node(Simulation simulation, String name) {
        this.simulation = simulation;
        this.name = name;
    }

    /// A process that uses a server.
    Node(Simulation simulation, String name, Server server) {
        this(simulation, name);
        this.broker = new NodeBroker(this, server);
    }

    /// Its way to the broker.
    NodeBroker broker() {
        return Objects.requireNonNull(broker);
    }

    /// The JDK lets nobody but itself choose who schedules virtual threads. It has this constructor
    /// for its own tests; the module has to be opened for it.
    private static Constructor<?> builder() {
        try {
            var constructor =
                    Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                            .getDeclaredConstructor(Executor.class);
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Thread thread(String threadName, Runnable work) {
        try {
            return ((Thread.Builder.OfVirtual) BUILDER.newInstance(this))
                    .name(name + " " + threadName)
                    .unstarted(work);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    void start(String threadName, Runnable work) {
        thread(threadName, work).start();
    }

    /// Has a thread of this node go on some time.
    @Override
    public void execute(Runnable action) {
        simulation.ready(this, action);
    }

    void run(Runnable action) {
        if (suspended) {
            frozen.add(action);
        } else if (!dead) {
            action.run();
        }
    }

    @Override
    public Instant instant() {
        return simulation.instant().plus(skew);
    }

    @Override
    public TurnableClock.Alarm at(Instant due, Runnable action) {
        return simulation.at(due.minus(skew), () -> start("alarm", action));
    }

    @Override
    public boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
        var waiting = Thread.currentThread();
        var expired = new AtomicBoolean();
        // A latch can be waited for by this clock in no other way than by an interruption.
        var alarm =
                simulation.after(
                        limit,
                        () -> {
                            expired.set(!waiting.isInterrupted());
                            waiting.interrupt();
                        });
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            if (expired.get()) {
                return false;
            }
            throw e;
        } finally {
            alarm.cancel();
        }
    }

    @Override
    public long nanoTime() {
        return simulation.nanoTime();
    }

    boolean isDead() {
        return dead;
    }

    /// Ends the process: it does nothing more, and its connections break.
    void kill() {
        dead = true;
        suspended = false;
        frozen.clear();
        broker().cut();
    }

    /// Ends the process in the middle of what it does.
    void crash() {
        crashed = true;
        harmed();
        kill();
    }

    /// It is told to end without waiting.
    void hurry() {
        hurried = true;
    }

    /// Whether it may have left something undone: it has died, or its calls were lost when it had
    /// no time to repeat them.
    boolean mayLeaveThingsUndone() {
        return crashed || (hurried && !isUnharmed());
    }

    /// Something has gone wrong for it: a call was lost, or it has stood still.
    void harmed() {
        harms++;
    }

    /// How often something has gone wrong for it.
    int harms() {
        return harms;
    }

    boolean isUnharmed() {
        return harms == 0;
    }

    void suspend() {
        harmed();
        suspended = !dead;
    }

    void resume() {
        suspended = false;
        frozen.forEach(this::execute);
        frozen.clear();
    }

    /// Sets its clock to another time.
    void jump(Duration by) {
        skew = skew.plus(by);
    }

    @Override
    public String toString() {
        return name;
    }
}
