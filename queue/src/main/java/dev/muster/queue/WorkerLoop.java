package dev.muster.queue;

import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's own thread: takes messages while there is room for them, and reconnects when the
/// broker was lost.
///
/// It lives through three states. *Running*: it takes messages. *Stopping*, after [#stop()]: it
/// takes none, and waits for those that it has. *Stopped*: everything is settled or given back, the
/// consumer is closed. [#quit()] shortens the way from any state to the last.
final class WorkerLoop {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// How long one wait for messages lasts. Brokers push, so this bounds nothing but the time to
    /// notice a lost wake-up.
    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);

    /// The most that is taken at once where prefetch has no limit.
    private static final int BATCH = 500;

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final Muster muster;
    private final int multiplier;
    private final Reconnection reconnection;
    private final Set<Thread> retirements = ConcurrentHashMap.newKeySet();

    /// Guards the fields below.
    private final Object changes = new Object();

    /// By the names that the worker was given.
    private final Map<String, List<Queue>> queues = new LinkedHashMap<>();

    private boolean queuesChanged;
    private int concurrency;
    private @Nullable Session session;

    private final Room room;
    private final TaskPool pool;
    private final TaskRunner runner;
    private final Runnable whenStopped;
    private final DeliveryHandler handler;
    private final Roster roster;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final AtomicBoolean quitting = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Vitals vitals;
    private final Thread thread;

    /// Written by the loop's thread, read by whoever stops it.
    private volatile @Nullable Consumer current;

    private volatile boolean connected;

    /// Whether the last connection was lost. Of the loop's thread.
    private boolean lost;

    private volatile @Nullable MusterException failure;

    /// @param whenStopped called when everything is settled or given back
    WorkerLoop(
            Muster muster,
            String hostname,
            Collection<String> queues,
            int concurrency,
            int multiplier,
            Worker.Pool pool,
            TaskRunner runner,
            Supervisor supervisor,
            TaskEvents events,
            Runnable whenStopped) {
        this.whenStopped = whenStopped;
        this.muster = muster;
        this.vitals = new Vitals(muster.environment().clock());
        queues.forEach(name -> this.queues.put(name, muster.queueDirectory().toRead(name)));
        if (muster.settings().get(Setting.WORKER_DIRECT)) {
            var own = muster.queueDirectory().directTo(hostname);
            this.queues.put(own.name(), List.of(own));
        }
        this.reconnection = Reconnection.of(muster.settings());
        this.concurrency = concurrency;
        this.multiplier = multiplier;
        this.room = new Room(roomFor(concurrency), portion(concurrency));
        this.pool = TaskPool.of(pool, concurrency);
        this.runner = runner;
        runner.whenBroken(this::fail);
        this.handler =
                new DeliveryHandler(
                        Workplace.of(muster, hostname, runner, supervisor, events),
                        this.pool,
                        () -> room.giveBack(1));
        this.roster = handler.roster();
        this.thread = muster.environment().platformThread("worker-" + hostname, this::run);
    }

    /// How many messages may be held that are not kept for later; 0 for no limit.
    private int prefetch(int slots) {
        return (int) Math.min(Integer.MAX_VALUE, (long) slots * multiplier);
    }

    /// How many messages may be held now, that are not kept for later; 0 for no limit.
    int prefetch() {
        return prefetch(concurrency());
    }

    private int roomFor(int slots) {
        return multiplier == 0 ? Math.max(BATCH, slots) : prefetch(slots);
    }

    /// Half of what may wait beside the running tasks: slots never stay empty.
    private int portion(int slots) {
        return Math.max(1, (roomFor(slots) - slots) / 2);
    }

    /// How many tasks run at once.
    int concurrency() {
        synchronized (changes) {
            return concurrency;
        }
    }

    /// Changes how many tasks run at once, and with it how many messages are fetched ahead.
    void resize(int slots) {
        synchronized (changes) {
            pool.resize(slots);
            runner.resize(slots);
            room.resize(roomFor(slots) - roomFor(concurrency), portion(slots));
            concurrency = slots;
            if (session != null) {
                session.prefetch(prefetch(slots));
            }
        }
    }

    /// The queues that are read.
    List<Queue> queues() {
        synchronized (changes) {
            return queues.values().stream().flatMap(List::stream).toList();
        }
    }

    /// Their names, as they were given.
    Set<String> queueNames() {
        synchronized (changes) {
            return new LinkedHashSet<>(queues.keySet());
        }
    }

    /// Reads one more queue from now on.
    ///
    /// @param name by which it can be removed
    /// @param read what is read for it
    void add(String name, List<Queue> read) {
        synchronized (changes) {
            if (!read.equals(queues.put(name, read))) {
                changed();
            }
        }
    }

    /// Reads a queue no more. What was taken from it and runs comes to its end, the rest goes back.
    void remove(String queue) {
        synchronized (changes) {
            if (queues.remove(queue) != null) {
                changed();
            }
        }
    }

    /// The consumer in use is cancelled, and another opened.
    private void changed() {
        queuesChanged = true;
        changes.notifyAll();
        var consumer = current;
        if (consumer != null) {
            consumer.cancel();
        }
        room.interrupt();
    }

    private boolean haveQueuesChanged() {
        synchronized (changes) {
            return queuesChanged;
        }
    }

    void start() {
        thread.start();
    }

    /// Frees what it has, when it is never to be started.
    void discard() {
        pool.close();
        runner.close();
    }

    private void run() {
        try {
            awaitRunner();
            consumeUntilStopped();
            // Also those whose connection was lost since: their results are on the way to the
            // store.
            roster.awaitIdle();
            joinRetirements();
        } finally {
            pool.close();
            runner.close();
            whenStopped.run();
            vitals.ended(isStopping() ? "it has stopped" : "its thread has died");
            ready.countDown();
            stopped.countDown();
        }
    }

    Health health() {
        return vitals.health();
    }

    private void joinRetirements() {
        try {
            for (var retirement : retirements) {
                retirement.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The tasks that it has.
    Roster roster() {
        return roster;
    }

    RateLimits rateLimits() {
        return handler.rateLimits();
    }

    TaskRunner runner() {
        return runner;
    }

    /// Takes no message before it can be run.
    private void awaitRunner() {
        try {
            runner.ready().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof MusterException reason) {
                fail(reason);
            } else {
                throw e;
            }
        }
    }

    /// Stops, as it makes no sense to go on.
    private void fail(MusterException reason) {
        if (isStopping()) {
            return;
        }
        LOG.error("the worker stops: {}", reason.getMessage());
        failure = reason;
        vitals.stopping("it stops: " + reason.getMessage());
        stop();
    }

    private void consumeUntilStopped() {
        var failures = 0;
        var retries = 0;
        while (awaitQueues()) {
            try {
                var consumer = open();
                failures = 0;
                retries = 0;
                retire(consumer, take(consumer));
            } catch (BrokerException e) {
                var end = reconnection.end(e, connected, retries++);
                if (end.isPresent()) {
                    fail(end.get());
                    return;
                }
                pause(e.getMessage(), BACKOFF.delay(failures++));
            } catch (RuntimeException | Error e) {
                // A defect of ours or of a library, or no memory for what has come: the consumer is
                // closed, and a new one may do better.
                LOG.error("taking messages failed", e);
                pause(e.toString(), BACKOFF.delay(failures++));
            } finally {
                current = null;
            }
        }
    }

    /// Waits while there are none.
    ///
    /// @return false when it is to stop
    private boolean awaitQueues() {
        synchronized (changes) {
            try {
                while (queues.isEmpty() && !isStopping()) {
                    vitals.waiting("there is no queue to read");
                    changes.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return !isStopping();
    }

    /// Takes messages until it is to stop, or to read other queues.
    ///
    /// @return the session, which is over
    private Session take(Consumer consumer) {
        var started = begin(consumer);
        try {
            takeUntilStopped(consumer, started);
            started.end();
            return started;
        } catch (RuntimeException | Error e) {
            lost = true;
            vitals.waiting("the connection to the broker is lost");
            // Before the consumer is closed, which gives back what has not been started.
            started.end();
            try {
                if (muster.settings()
                        .get(Setting.WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS)) {
                    roster.cancelWhatComesAgain(started);
                }
            } finally {
                consumer.close();
            }
            throw e;
        }
    }

    private Session begin(Consumer consumer) {
        synchronized (changes) {
            var started =
                    new Session(
                            consumer,
                            prefetch(concurrency),
                            muster.settings()
                                    .get(Setting.WORKER_ETA_TASK_LIMIT)
                                    .orElse(Integer.MAX_VALUE / 2),
                            muster.environment().clock());
            session = started;
            return started;
        }
    }

    /// Closes a consumer, but not before the tasks that it has delivered are settled.
    private void retire(Consumer consumer, Session ended) {
        if (isStopping() || !haveQueuesChanged()) {
            close(consumer, ended);
            return;
        }
        var closing =
                Thread.ofVirtual()
                        .name("worker-retire")
                        .unstarted(() -> {
                            close(consumer, ended);
                            retirements.remove(Thread.currentThread());
                        });
        retirements.add(closing);
        closing.start();
    }

    private void close(Consumer consumer, Session ended) {
        try (consumer) {
            roster.awaitIdle(ended);
        }
    }

    private void pause(@Nullable String reason, Duration delay) {
        vitals.waiting(String.valueOf(reason));
        if (!isStopping()) {
            LOG.error(
                    "{}; trying again in {} s, then at growing intervals up to {} s, {}",
                    reason,
                    delay.toSeconds(),
                    BACKOFF.most().toSeconds(),
                    reconnection.patience());
            await(stopRequested, delay);
        }
    }

    private Consumer open() {
        List<Queue> wanted;
        int count;
        synchronized (changes) {
            wanted = queues();
            count = prefetch(concurrency);
            queuesChanged = false;
        }
        wanted.forEach(muster.broker()::declare);
        var consumer = muster.broker().consume(wanted, count);
        current = consumer;
        if (lost) {
            LOG.info("connected to {} again", muster.brokerDescription());
        }
        lost = false;
        connected = true;
        vitals.ready();
        ready.countDown();
        return consumer;
    }

    private void takeUntilStopped(Consumer consumer, Session session) {
        while (!isStopping() && !haveQueuesChanged()) {
            var permits = room.take(BATCH);
            var taken = 0;
            try {
                var deliveries =
                        permits == 0 ? List.<Delivery>of() : consumer.take(permits, TAKE_TIMEOUT);
                for (var delivery : deliveries) {
                    taken++;
                    handler.receive(delivery, session);
                }
            } finally {
                room.giveBack(permits - taken);
            }
        }
    }

    private boolean isStopping() {
        return stopRequested.getCount() == 0;
    }

    boolean awaitReady(Duration timeout) {
        return await(ready, timeout) && connected;
    }

    /// Stops; what runs may run on as long as `worker_warm_shutdown_timeout` says.
    void stop() {
        vitals.stopping("it is being stopped");
        if (isStopping()) {
            return;
        }
        stopRequested.countDown();
        runner.ready().complete(null);
        var consumer = current;
        if (consumer != null) {
            consumer.cancel();
        }
        room.close();
        synchronized (changes) {
            changes.notifyAll();
        }
        var limit = muster.settings().get(Setting.WORKER_WARM_SHUTDOWN_TIMEOUT);
        if (limit.isPositive()) {
            quitAfter(limit);
        }
    }

    /// Stops, and quits when that takes longer.
    ///
    /// @param limit zero to quit at once
    void quitWithin(Duration limit) {
        if (limit.isPositive()) {
            stop();
            quitAfter(limit);
        } else {
            quit();
        }
    }

    private void quitAfter(Duration limit) {
        var deadline =
                muster.environment()
                        .platformThread(
                                "worker-deadline",
                                () -> {
                                    if (!await(stopped, limit)) {
                                        LOG.warn(
                                                "the worker quits, as tasks still run {} s after it was to stop",
                                                limit.toMillis() / 1000.0);
                                        quit();
                                    }
                                });
        deadline.setDaemon(true);
        deadline.start();
    }

    void quit() {
        stop();
        if (!quitting.getAndSet(true)) {
            roster.abandon();
        }
    }

    boolean awaitStopped(Duration timeout) {
        var done = await(stopped, timeout);
        var reason = failure;
        if (done && reason != null) {
            throw reason;
        }
        return done;
    }

    private boolean await(CountDownLatch latch, Duration timeout) {
        try {
            return muster.environment().await(latch, timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
