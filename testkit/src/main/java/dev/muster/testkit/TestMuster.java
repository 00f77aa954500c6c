package dev.muster.testkit;

import dev.muster.queue.InlineWorker;
import dev.muster.queue.Muster;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// An application for tests: broker and results in memory, a clock that the test turns, and a
/// worker that runs tasks on the thread of the test. So nothing is left to chance, and nobody
/// waits: a retry an hour away takes a millisecond. Needs no JUnit.
///
/// ```java
/// try (var test = TestMuster.create(Orders.class)) {
///     var rate = test.muster().send(call(Orders::price, "tea").countdown(Duration.ofHours(1)));
///     test.advance(Duration.ofHours(1));
///     assert rate.get(Duration.ZERO).equals("4.20");
/// }
/// ```
///
/// With [#create], tasks run when the test calls [#run()] or [#advance(Duration)]. With [#eager],
/// they run when they are sent: `send` returns when the task has ended, and so has all that follows
/// it, at whatever time.
///
/// Settings of the machine, such as `muster.yaml`, do not count. A task takes no time by the clock,
/// unless it, or what it calls, turns it: `clock().advance(…)` within a task lets its time limits
/// pass.
public final class TestMuster implements AutoCloseable {
    /// Bound while an eager worker runs tasks: then what a task sends must not turn the clock, on
    /// which that task's own time limits are.
    private static final ScopedValue<Boolean> RUNNING = ScopedValue.newInstance();

    /// How many times are waited for, until there must be a task that is retried for ever.
    private static final int MOST_TURNS = 10_000;

    private final FakeClock clock = new FakeClock();
    private final Muster muster;
    private final InlineWorker worker;

    private TestMuster(UnaryOperator<Muster.Builder> options, boolean eager) {
        var settings = Settings.DEFAULT.with("broker_url", "memory:");
        var builder = options.apply(Muster.builder().settings(settings)).clock(clock);
        muster = (eager ? builder.afterSend(this::runAll) : builder).build();
        worker = muster.worker().inline();
    }

    /// An application with these tasks, which run when the test says so.
    public static TestMuster create(Class<?>... tasks) {
        return create(builder -> builder.tasks(tasks));
    }

    /// An application whose tasks run when the test says so.
    ///
    /// @param options says what it is made of; the clock stays that of the test
    public static TestMuster create(UnaryOperator<Muster.Builder> options) {
        return new TestMuster(options, false);
    }

    /// An application with these tasks, which run when they are sent.
    public static TestMuster eager(Class<?>... tasks) {
        return eager(builder -> builder.tasks(tasks));
    }

    /// An application whose tasks run when they are sent.
    ///
    /// @param options says what it is made of; the clock stays that of the test
    public static TestMuster eager(UnaryOperator<Muster.Builder> options) {
        return new TestMuster(options, true);
    }

    /// To send with, as the program does.
    public Muster muster() {
        return muster;
    }

    /// The application's clock, at the start of 2030 first. Turning it here, and not by [#advance],
    /// runs only what waits for that time in the worker.
    public FakeClock clock() {
        return clock;
    }

    /// Runs all tasks that are due, and those that follow them and are due. Returns when none is
    /// left.
    public void run() {
        var _ = worker.run();
    }

    /// Lets time pass: runs what is due, then turns the clock from one time that something waits
    /// for to the next, and runs what is due each time. Everything runs at its own time by the
    /// clock, not before, and once this returns, nothing is left that should have run by then.
    public void advance(Duration by) {
        run();
        var end = clock.instant().plus(by);
        for (var next = clock.next();
                next.isPresent() && !next.get().isAfter(end);
                next = clock.next()) {
            clock.set(next.get());
            run();
        }
        clock.set(end);
        run();
    }

    private void runAll() {
        if (RUNNING.isBound()) {
            run();
        } else {
            ScopedValue.where(RUNNING, true).run(this::runToTheEnd);
        }
    }

    private void runToTheEnd() {
        run();
        var turns = 0;
        for (var next = clock.next(); next.isPresent(); next = clock.next()) {
            if (++turns > MOST_TURNS) {
                throw new IllegalStateException(
                        "the clock was turned %d times, and still something waits for %s; is a task retried for ever?"
                                .formatted(MOST_TURNS, next.get()));
            }
            clock.set(next.get());
            run();
        }
    }

    /// Ends it; what has not run does not run any more.
    @Override
    public void close() {
        worker.close();
        muster.close();
    }
}
