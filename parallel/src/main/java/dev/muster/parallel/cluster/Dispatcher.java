package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.child.JobRunner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Decides where calls run. Thread-safe.
///
/// Implementation note: a call goes to the place that is expected to have it done first, if that
/// has room. A place has room for one call for each slot, and for as many more as it is done with
/// while one is on its way. When another place, though it is full, is expected to have done all
/// that waits before this one is done with a single call, the call waits for that other place: so a
/// slow server gets nothing that a fast one would have done sooner. What was sent to a place and
/// waits there is taken back when another has nothing to do and would do it sooner. As expectations
/// change with time even when nothing happens, all of this is decided anew at each event, and from
/// time to time while there are calls.
final class Dispatcher implements JobRunner {
    private static final Duration TICK = Duration.ofMillis(50);

    /// What a call is taken to last while nothing is known.
    private static final long GUESS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Comparator<Place> BY_NUMBER_OF_CALLS =
            Comparator.comparingInt(place -> place.calls.size());

    private final boolean canFindServers;
    private final List<Runnable> parts = new CopyOnWriteArrayList<>();
    private final CountDownLatch terminated = new CountDownLatch(1);
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("cluster-clock").factory());
    private final ReentrantLock lock = new ReentrantLock();

    // All of these are guarded by the lock.
    private final ArrayDeque<Errand> waiting = new ArrayDeque<>();
    private final Map<Job, Errand> errands = new LinkedHashMap<>();
    private final List<Place> places = new ArrayList<>();
    private @Nullable LocalPlace local;
    private boolean isTicking;
    private boolean shutdown;
    private boolean ending;

    /// @param canFindServers whether servers may come that are not known yet
    Dispatcher(boolean canFindServers) {
        this.canFindServers = canFindServers;
    }

    /// Has something closed when all has ended, before the places.
    void closeAtEnd(Runnable part) {
        parts.add(part);
    }

    /// Adds the local processes.
    void add(LocalPlace place) {
        lock.lock();
        try {
            local = place;
            places.addFirst(place);
        } finally {
            lock.unlock();
        }
    }

    /// Adds a server, unless it is known.
    ///
    /// @return false when it is
    boolean add(ServerPlace server) {
        lock.lock();
        try {
            if (shutdown || places.stream().anyMatch(server::isSameAs)) {
                return false;
            }
            places.add(server);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void submit(Job job) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("the pool is shut down");
            }
            var errand = new Errand(job);
            errands.put(job, errand);
            waiting.add(errand);
            assign(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    /// Hands out what waits.
    private void assign(List<Runnable> later) {
        var now = System.nanoTime();
        while (true) {
            dropCancelled();
            var errand = waiting.peek();
            var place = errand == null ? null : choose(errand, now);
            if (errand == null || place == null) {
                break;
            }
            waiting.remove();
            place.take(errand, now, later);
        }
        refuseIfHopeless(later);
        tickLater();
    }

    private void dropCancelled() {
        for (var errand = waiting.peek();
                errand != null && errand.cancelled;
                errand = waiting.peek()) {
            waiting.remove();
            forget(errand);
        }
    }

    private void forget(Errand errand) {
        errands.remove(errand.job);
        errand.job.arguments().discard();
    }

    /// Where a call is sent now; null when it is to wait.
    private @Nullable Place choose(Errand errand, long now) {
        var function = errand.function();
        var unknown = fastest(function);
        Place best = null;
        var bestTime = Double.POSITIVE_INFINITY;
        for (var place : places) {
            if (place.slots > 0 && !place.isFull()) {
                var time = place.timeFor(function, unknown, now);
                if (time < bestTime) {
                    best = place;
                    bestTime = time;
                }
            }
        }
        if (best == null) {
            return null;
        }
        for (var place : places) {
            if (place.slots > 0
                    && place.isFull()
                    && place.speed.of(function) > 0
                    && place.timeForAll(waiting.size(), function, unknown, now) < bestTime) {
                return null;
            }
        }
        return best;
    }

    /// What a call takes where it is done fastest. What is not known yet is taken to be as fast, so
    /// that it is tried.
    private long fastest(long function) {
        var fastest = Long.MAX_VALUE;
        for (var place : places) {
            var known = place.speed.of(function);
            if (known > 0 && place.slots > 0) {
                fastest = Math.min(fastest, known);
            }
        }
        return fastest == Long.MAX_VALUE ? GUESS : fastest;
    }

    /// Lets a place that has nothing to do have what waits at another.
    private void balance(List<Runnable> later) {
        if (!waiting.isEmpty()) {
            return;
        }
        var now = System.nanoTime();
        for (var idle : places) {
            if (!idle.isIdle()) {
                continue;
            }
            var time = idle.timeFor(0, fastest(0), now);
            places.stream()
                    .filter(place ->
                            place.mayBeAsked(now)
                                    && !place.equals(idle)
                                    && place.surplus(now) > 0
                                    && place.timeLeft(now) > 2 * time)
                    .max(BY_NUMBER_OF_CALLS)
                    .ifPresent(place -> takeBack(place, idle, now, later));
        }
    }

    private static void takeBack(Place from, Place idle, long now, List<Runnable> later) {
        var most = Math.min(idle.slots - idle.calls.size(), (from.surplus(now) + 1) / 2);
        var wanted = from.lastCalls(most);
        if (!wanted.isEmpty()) {
            from.ask(wanted, now, later);
        }
    }

    private void tickLater() {
        if (!isTicking && places.stream().anyMatch(place -> !place.calls.isEmpty())) {
            isTicking = true;
            var _ = clock.schedule(this::tick, TICK.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            isTicking = false;
            assign(later);
            balance(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    /// Ends what waits when nobody is left who may ever run it.
    private void refuseIfHopeless(List<Runnable> later) {
        if (waiting.isEmpty() || canFindServers || local != null) {
            return;
        }
        if (places.stream().allMatch(place -> place.state() == ServerStatistics.State.REFUSING)) {
            var reason = places.getFirst().reason();
            for (var errand = waiting.poll(); errand != null; errand = waiting.poll()) {
                end(errand, new Ending.Refused(reason, null), later);
            }
        }
    }

    private void end(Errand errand, Ending how, List<Runnable> later) {
        forget(errand);
        if (!errand.cancelled) {
            later.add(() -> errand.job.end(how));
        }
    }

    /// Takes in that a place can be used, or can no more.
    void changed() {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            assign(later);
            balance(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    /// Takes in how a call has ended.
    void ended(Place place, long number, long nanos, int others, Ending how) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            place.others = others;
            var errand = place.calls.get(number);
            if (errand == null) {
                discard(how); // it was given up when the connection was lost
                return;
            }
            place.drop(errand, nanos, System.nanoTime());
            if (errand.cancelled) {
                discard(how);
            } else {
                place.tally.ended(how, nanos);
            }
            end(errand, how, later);
            assign(later);
            balance(later);
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    private static void discard(Ending how) {
        switch (how) {
            case Ending.Returned(var value) -> value.discard();
            case Ending.Threw(var thrown) -> thrown.discard();
            case Ending.Died _, Ending.TimedOut _, Ending.Refused _ -> {}
        }
    }

    /// Takes in that a call begins.
    void started(Place place, long number) {
        lock.lock();
        try {
            var errand = place.calls.get(number);
            if (errand != null) {
                errand.started = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes in that a place has a call no more, which it has not run or which was cancelled.
    void givenBack(Place place, long number) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            var errand = place.calls.get(number);
            if (errand == null) {
                return;
            }
            place.drop(errand, 0, System.nanoTime());
            if (errand.cancelled) {
                forget(errand);
            } else {
                waiting.addFirst(errand);
            }
            assign(later);
            balance(later);
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    /// Takes all calls from a place that has gone.
    void lost(Place place) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            place.slots = 0;
            place.others = 0;
            var now = System.nanoTime();
            for (var errand : List.copyOf(place.calls.values()).reversed()) {
                place.drop(errand, 0, now);
                if (errand.cancelled) {
                    forget(errand);
                } else {
                    place.tally.lost(1);
                    waiting.addFirst(errand);
                }
            }
            assign(later);
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    /// Removes a server that nobody has named and that does not come back.
    void remove(ServerPlace server) {
        lock.lock();
        try {
            places.remove(server);
        } finally {
            lock.unlock();
        }
    }

    /// The place that is used for a server. The lock is held.
    Optional<ServerPlace> connected(String server) {
        for (var place : places) {
            if (place instanceof ServerPlace known && known.is(server)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    /// Does something with a place, while nobody else does.
    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel(Job job, boolean kill) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            var errand = errands.get(job);
            if (errand == null) {
                return;
            }
            errand.cancelled = true;
            if (errand.place == null) {
                dropCancelled();
            } else {
                errand.place.cancel(errand, kill, later);
            }
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    @Override
    public boolean isRunning(Job job) {
        lock.lock();
        try {
            var errand = errands.get(job);
            return errand != null && errand.place != null && errand.place.isRunning(errand);
        } finally {
            lock.unlock();
        }
    }

    /// Local slots and those of all servers that are there.
    @Override
    public int size() {
        lock.lock();
        try {
            return places.stream().mapToInt(place -> place.slots).sum();
        } finally {
            lock.unlock();
        }
    }

    /// Changes the number of local slots.
    @Override
    public void resize(int size) {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            var resized = local;
            if (resized == null) {
                throw new IllegalStateException("this pool has no local slots that could change");
            }
            resized.slots = size;
            later.add(() -> resized.children().resize(size));
            assign(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    @Override
    public void shutdown() {
        var later = new ArrayList<Runnable>();
        lock.lock();
        try {
            shutdown = true;
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
    }

    @Override
    public List<Job> abandon(boolean kill) {
        var later = new ArrayList<Runnable>();
        var abandoned = new ArrayList<Job>();
        lock.lock();
        try {
            shutdown = true;
            for (var errand : List.copyOf(errands.values())) {
                var place = errand.place;
                if (!errand.cancelled && (place == null || kill || !place.isRunning(errand))) {
                    errand.cancelled = true;
                    abandoned.add(errand.job);
                    if (place != null) {
                        place.cancel(errand, kill, later);
                    }
                }
            }
            endIfDone(later);
        } finally {
            lock.unlock();
        }
        later.forEach(Runnable::run);
        return abandoned;
    }

    private void endIfDone(List<Runnable> later) {
        dropCancelled();
        if (shutdown && !ending && errands.isEmpty()) {
            ending = true;
            var left = List.copyOf(places);
            later.add(() -> Thread.ofVirtual().name("cluster-end").start(() -> end(left)));
        }
    }

    private void end(List<Place> left) {
        clock.shutdownNow();
        parts.forEach(Runnable::run);
        left.forEach(Place::close);
        terminated.countDown();
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

    ClusterStatistics statistics() {
        lock.lock();
        try {
            var now = System.nanoTime();
            return new ClusterStatistics(
                    places.stream().map(place -> place.tally.statistics(place, now)).toList());
        } finally {
            lock.unlock();
        }
    }
}
