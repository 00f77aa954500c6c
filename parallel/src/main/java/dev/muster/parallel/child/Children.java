package dev.muster.parallel.child;

import dev.muster.parallel.base.Checks;
import dev.muster.parallel.base.PrivateFolder;
import dev.muster.parallel.wire.Packed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Runs jobs in up to so many child JVMs. Thread-safe.
///
/// A child is started when a job finds none that is idle, up to the size. It has one call at a
/// time, unless its calls are short: then as many as keep it busy for about two milliseconds are
/// sent ahead. A child that has nothing to do takes calls back that wait behind others.
///
/// When a child ends, whatever the reason, the call that ran in it ends as [Ending.Died], the calls
/// that it had not begun go to others, and another child is started when it is needed. Calls are
/// run once or not at all.
public final class Children implements JobRunner {
    private static final long LOOK_AHEAD = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX_AHEAD = 512;

    /// So many children in a row that end before they are ready mean that none ever will be.
    private static final int MAX_FAILED_STARTS = 3;

    /// The same for those that a signal has ended, which is seldom their own fault.
    private static final int MAX_KILLED_STARTS = 30;

    /// How long a process may take to end by a signal.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Comparator<Child> BY_CALLS =
            Comparator.comparingInt(child -> child.jobs.size());

    private static final Comparator<Child> BY_LOAD =
            Comparator.<Child, Boolean>comparing(child -> child.busy).thenComparing(BY_CALLS);

    private final ChildOptions options;
    private final ClassSource classes;
    private final PrivateFolder folder = PrivateFolder.open();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();

    // All of these are guarded by the lock.
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    private final List<Child> children = new ArrayList<>();
    private int size;
    private int lastNumber;
    private int failedStarts;
    private int killedStarts;
    private boolean shutdown;
    private boolean ending;
    private @Nullable Ending refusal;

    /// @param size how many children there may be
    /// @param classes what children lack
    public Children(int size, ChildOptions options, ClassSource classes) {
        this.size = Checks.positive("size", size);
        this.options = options;
        this.classes = classes;
    }

    ChildOptions options() {
        return options;
    }

    /// For what is large in values: children read and write files there.
    public Path folder() {
        return folder.path();
    }

    Order setup(Path journal) {
        var initializer = options.initializer();
        return new Order.Setup(
                folder(),
                journal,
                options.maxTasks(),
                options.maxMemory(),
                options.filter().patterns(),
                initializer == null ? null : initializer.bytes());
    }

    /// What is to be done when the lock is free again, as it takes time or calls foreign code.
    private static final class Deeds {
        private final Set<Child> told = new LinkedHashSet<>();
        private final List<Runnable> others = new ArrayList<>();

        /// Orders come in the order of the decisions, whichever thread then writes them.
        void tell(Child child, Order order) {
            child.outbox.add(order);
            told.add(child);
        }

        void then(Runnable deed) {
            others.add(deed);
        }

        void run() {
            told.forEach(child -> attempt(child::flush));
            others.forEach(Deeds::attempt);
        }

        /// What one deed throws must not cost the others, which are the endings of other jobs.
        private static void attempt(Runnable deed) {
            try {
                deed.run();
            } catch (RuntimeException | Error e) {
                var thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }
    }

    @Override
    public void submit(Job job) {
        var deeds = new Deeds();
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("the pool is shut down");
            }
            if (refusal == null) {
                waiting.add(job);
                assign(deeds, 2);
            } else {
                end(job, refusal, deeds);
            }
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    private static void end(Job job, Ending ending, Deeds deeds) {
        deeds.then(() -> {
            job.arguments.discard();
            job.ended(ending);
        });
    }

    /// Gives waiting jobs to children.
    ///
    /// @param most how many calls a child may have after it, even when it is fast. Few when a
    ///   single job comes: what waits a moment is sent with others, in one go.
    private void assign(Deeds deeds, int most) {
        while (true) {
            dropCancelled(deeds);
            var child = waiting.isEmpty() ? null : childFor(most, deeds);
            if (child == null) {
                return;
            }
            var job = waiting.remove();
            var number = ++child.lastNumber;
            child.jobs.put(number, job);
            job.child = child;
            job.number = number;
            var code = job.code;
            if (code.id() != 0 && child.defined.add(code.id())) {
                deeds.tell(child, new Order.Define(code.id(), code.bytes()));
            }
            deeds.tell(child, Order.call(number, job));
        }
    }

    /// Removes the cancelled jobs that are next.
    private void dropCancelled(Deeds deeds) {
        for (var job = waiting.peek(); job != null && job.cancelled; job = waiting.peek()) {
            waiting.remove();
            job.arguments.discard();
            deeds.then(job::dropped);
        }
    }

    /// One that can take a call now; null when there is none.
    private @Nullable Child childFor(int most, Deeds deeds) {
        Child best = null;
        var starting = 0;
        var running = 0;
        for (var child : children) {
            if (!child.jobs.isEmpty()) {
                running++;
            }
            if (!child.ready) {
                starting++;
            } else if (!child.leaving && (best == null || BY_LOAD.compare(child, best) < 0)) {
                best = child;
            }
        }
        if (best != null && best.jobs.isEmpty()) {
            // After the size was reduced, those that leave have calls to finish.
            return running < size ? best : null;
        }
        if (starting < waiting.size() && children.size() < size) {
            var child = new Child(this, ++lastNumber);
            children.add(child);
            deeds.then(child::start);
        }
        return best != null && !best.busy && best.jobs.size() < Math.min(most, ahead(best))
                ? best
                : null;
    }

    private static int ahead(Child child) {
        return child.callNanos == 0 || child.callNanos > SHORT
                ? 1
                : Math.clamp(LOOK_AHEAD / child.callNanos, 2, MAX_AHEAD);
    }

    /// Takes in what a child has to say.
    void reported(Child child, List<Report> reports) {
        var deeds = new Deeds();
        lock.lock();
        try {
            for (var report : reports) {
                take(child, report, deeds);
            }
            assign(deeds, MAX_AHEAD);
            balance(deeds);
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    private void take(Child child, Report report, Deeds deeds) {
        switch (report) {
            case Report.Ready() -> {
                child.ready = true;
                failedStarts = 0;
                killedStarts = 0;
                if (child.leaving) {
                    deeds.tell(child, new Order.Stop());
                }
            }
            case Report.Started(var number) -> {
                limit(child, number);
                var job = child.jobs.get(number);
                if (job != null) {
                    deeds.then(job::started);
                }
            }
            case Report.Returned(var number, var nanos, var value) ->
                    finish(child, number, nanos, new Ending.Returned(value), value, deeds);
            case Report.Threw(var number, var nanos, var thrown) ->
                    finish(child, number, nanos, new Ending.Threw(thrown), thrown, deeds);
            case Report.GivenBack(var numbers) -> {
                child.asked &= numbers.isEmpty();
                numbers.reversed().forEach(number -> takeBack(child, number, deeds));
            }
            case Report.Kept(var number) -> {
                var job = child.jobs.get(number);
                if (job != null) {
                    job.withdrawn = false;
                    var signal = job.signal;
                    if (signal != null) {
                        child.leaving = true; // nothing else may run in it when the signal comes
                        deeds.then(() -> child.signal(signal));
                    }
                }
            }
            case Report.ClassWanted(var resource) ->
                    deeds.then(
                            () -> child.write(new Order.ClassIs(resource, classes.find(resource))));
            case Report.NotReady(var thrown) ->
                    refuse(
                            new Ending.Refused("the initializer of the children failed", thrown),
                            deeds);
        }
    }

    private void finish(
            Child child, long number, long nanos, Ending ending, Packed outcome, Deeds deeds) {
        var job = child.jobs.remove(number);
        if (job == null) {
            return; // a journal repeats what was sent
        }
        job.over.complete(null);
        child.asked = false;
        child.busy = false;
        job.nanos = nanos;
        var spent = Math.max(1, nanos);
        child.callNanos = child.callNanos == 0 ? spent : (child.callNanos * 7 + spent) / 8;
        if (job.cancelled) {
            deeds.then(outcome::discard);
            deeds.then(job::dropped);
        } else {
            deeds.then(() -> job.ended(ending));
        }
    }

    private void takeBack(Child child, long number, Deeds deeds) {
        var job = child.jobs.remove(number);
        if (job != null) {
            waitAgain(job, deeds);
        }
        if (child.jobs.isEmpty()) {
            child.busy = false; // no call of its own will end, and say so
        }
    }

    private void waitAgain(Job job, Deeds deeds) {
        job.child = null;
        if (job.withdrawn) {
            deeds.then(job::dropped);
        } else {
            waiting.addFirst(job);
        }
    }

    /// Lets an idle child have what waits behind other calls.
    private void balance(Deeds deeds) {
        if (!waiting.isEmpty() || children.stream().noneMatch(Children::isIdle)) {
            return;
        }
        children.stream()
                .filter(child -> !child.asked && child.jobs.size() > 1)
                .max(BY_CALLS)
                .ifPresent(child -> {
                    child.asked = true;
                    child.busy = true;
                    deeds.tell(child, new Order.TakeBack(Order.HALF));
                });
    }

    private static boolean isIdle(Child child) {
        return child.ready && !child.leaving && child.jobs.isEmpty();
    }

    /// Starts the clock of a call.
    private void limit(Child child, long number) {
        var job = child.jobs.get(number);
        if (job == null || job.limit == null) {
            return;
        }
        var limit = job.limit;
        var _ =
                job.over
                        .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                        .exceptionally(_ -> {
                            kill(child, number, new Ending.TimedOut(limit));
                            return null;
                        });
    }

    /// Kills a child for the sake of one of its calls.
    void kill(Child child, long number, Ending verdict) {
        lock.lock();
        try {
            var job = child.jobs.get(number);
            if (job != null) {
                job.verdict = verdict;
                child.kill();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Asks for a job back that is better run elsewhere. If it has not begun, it ends with
    /// [Job#dropped], and its arguments are kept; otherwise it goes on, and ends as usual.
    public void withdraw(Job job) {
        var deeds = new Deeds();
        lock.lock();
        try {
            if (job.child != null) {
                job.withdrawn = true;
                takeBackLater(job, deeds);
            } else if (waiting.remove(job)) {
                deeds.then(job::dropped);
            }
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    @Override
    public void cancel(Job job, boolean kill) {
        cancel(job, kill ? Signals.KILL : null);
    }

    /// Ends a job without an ending, as [#cancel(Job, boolean)], with a signal of the caller's
    /// choice. A process that lives on for ten seconds more is killed.
    ///
    /// @param signal for its process, if it has begun: `TERM`, `KILL`, and what else the system
    ///   knows; null for none, so that it goes on
    public void cancel(Job job, @Nullable String signal) {
        var deeds = new Deeds();
        lock.lock();
        try {
            job.cancelled = true;
            if (signal != null) {
                endBy(signal, job);
            }
            takeBackLater(job, deeds);
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    /// Has the process of a job end by a signal when it says that it has begun it.
    private void endBy(String signal, Job job) {
        job.signal = signal;
        var child = job.child;
        var number = job.number;
        if (child != null) {
            child.busy = true; // what came behind the job would end with it
            CompletableFuture.delayedExecutor(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> {
                        lock.lock();
                        try {
                            if (job.equals(child.jobs.get(number))) {
                                child.kill();
                            }
                        } finally {
                            lock.unlock();
                        }
                    });
        }
    }

    private static void takeBackLater(Job job, Deeds deeds) {
        var child = job.child;
        var number = job.number;
        if (child != null && job.equals(child.jobs.get(number))) {
            deeds.tell(child, new Order.TakeBack(number));
        }
    }

    @Override
    public boolean isRunning(Job job) {
        lock.lock();
        try {
            var child = job.child;
            return child != null
                    && job.equals(child.jobs.get(job.number))
                    && child.started() == job.number;
        } finally {
            lock.unlock();
        }
    }

    /// Takes in that a child has ended.
    ///
    /// @param unsent reports that it could not send any more
    /// @param started the number of the call that it began last
    void ended(Child child, int exitStatus, List<String> lines, List<Report> unsent, long started) {
        var deeds = new Deeds();
        lock.lock();
        try {
            unsent.forEach(report -> take(child, report, deeds));
            children.remove(child);
            for (var left : List.copyOf(child.jobs.entrySet()).reversed()) {
                var job = left.getValue();
                job.over.complete(null);
                if (job.verdict != null) {
                    end(job, job.verdict, deeds);
                } else if (left.getKey() <= started && !job.cancelled) {
                    end(job, new Ending.Died(child.name(), exitStatus, lines), deeds);
                } else {
                    waitAgain(job, deeds);
                }
            }
            child.jobs.clear();
            if (!child.ready && !child.leaving) {
                startFailed(exitStatus, lines, deeds);
            }
            assign(deeds, MAX_AHEAD);
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    private void startFailed(int exitStatus, List<String> lines, Deeds deeds) {
        if (exitStatus > Signals.SIGNALLED) {
            killedStarts++;
        } else {
            failedStarts++;
        }
        if ((failedStarts >= MAX_FAILED_STARTS || killedStarts >= MAX_KILLED_STARTS)
                && refusal == null) {
            var reason =
                    "no child process can be started: %d of them ended at once, the last one with the exit status %d%s"
                            .formatted(
                                    failedStarts + killedStarts,
                                    exitStatus,
                                    lines.isEmpty()
                                            ? ""
                                            : " and the words: " + String.join("; ", lines));
            refuse(new Ending.Refused(reason, null), deeds);
        }
    }

    private void refuse(Ending ending, Deeds deeds) {
        refusal = ending;
        for (var job = waiting.poll(); job != null; job = waiting.poll()) {
            if (!job.cancelled) {
                end(job, ending, deeds);
            }
        }
    }

    /// Changes how many children there may be. Those that are too many end when their calls are
    /// done.
    @Override
    public void resize(int newSize) {
        Checks.positive("size", newSize);
        var deeds = new Deeds();
        lock.lock();
        try {
            size = newSize;
            children.stream()
                    .filter(child -> !child.leaving)
                    .sorted(BY_CALLS.reversed())
                    .skip(newSize)
                    .toList()
                    .forEach(child -> dismiss(child, deeds));
            assign(deeds, MAX_AHEAD);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    /// How many children there may be.
    @Override
    public int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /// The process that a job is in; empty while it waits, or its child is being started.
    public Optional<Process> process(Job job) {
        lock.lock();
        try {
            return job.child == null
                    ? Optional.empty()
                    : Optional.ofNullable(job.child.handle().getNow(null));
        } finally {
            lock.unlock();
        }
    }

    /// The processes of the children that there are; those that are being started come later.
    public List<CompletableFuture<Process>> processes() {
        lock.lock();
        try {
            return children.stream().map(Child::handle).toList();
        } finally {
            lock.unlock();
        }
    }

    private static void dismiss(Child child, Deeds deeds) {
        child.leaving = true;
        if (child.ready) {
            deeds.tell(child, new Order.Stop());
        } else {
            deeds.then(child::kill);
        }
    }

    /// Takes no more jobs, and ends the children when all are done.
    @Override
    public void shutdown() {
        var deeds = new Deeds();
        lock.lock();
        try {
            shutdown = true;
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
    }

    @Override
    public List<Job> abandon(boolean kill) {
        var deeds = new Deeds();
        var abandoned = new ArrayList<Job>();
        lock.lock();
        try {
            shutdown = true;
            for (var job = waiting.poll(); job != null; job = waiting.poll()) {
                if (!job.cancelled) {
                    job.cancelled = true;
                    abandoned.add(job);
                }
            }
            for (var child : children) {
                for (var job : child.jobs.values()) {
                    if (!kill && (job.cancelled || child.started() >= job.number)) {
                        continue;
                    }
                    if (kill) { // also one that was let go on when it was cancelled
                        endBy(Signals.KILL, job);
                    }
                    if (!job.cancelled) {
                        job.cancelled = true;
                        abandoned.add(job);
                    }
                    takeBackLater(job, deeds);
                }
            }
            endIfDone(deeds);
        } finally {
            lock.unlock();
        }
        deeds.run();
        return abandoned;
    }

    /// Ends all when nothing is left to do after a shutdown.
    private void endIfDone(Deeds deeds) {
        dropCancelled(deeds);
        if (!shutdown
                || !waiting.isEmpty()
                || children.stream().anyMatch(child -> !child.jobs.isEmpty())) {
            return;
        }
        children.stream().filter(child -> !child.leaving).forEach(child -> dismiss(child, deeds));
        if (children.isEmpty() && !ending) {
            ending = true;
            deeds.then(this::terminate);
        }
    }

    private void terminate() {
        try {
            folder.close();
            JavaCommand.makeCache(options);
        } finally {
            terminated.countDown();
        }
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        return terminated.getCount() == 0;
    }

    @Override
    public boolean awaitTermination(Duration limit) throws InterruptedException {
        return terminated.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
