package dev.muster.queue;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    private static final Duration FIRST_RECONNECT_DELAY = Duration.ofSeconds(1);
    private static final Duration LAST_RECONNECT_DELAY = Duration.ofSeconds(30);

    private final Muster muster;
    private final List<Queue> queues;
    private final int prefetch;
    private final Room room;
    private final TaskPool pool;
    private final TaskRunner runner;
    private final Runnable whenStopped;
    private final DeliveryHandler handler;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /// Written by the loop's thread, read by whoever stops it.
    private volatile @Nullable Consumer current;

    private volatile boolean connected;
    private volatile @Nullable MusterException failure;

    /// @param whenStopped called when everything is settled or given back
    WorkerLoop(
            Muster muster,
            String hostname,
            Collection<String> queues,
            int concurrency,
            int prefetch,
            Worker.Pool pool,
            TaskRunner runner,
            Supervisor supervisor,
            Runnable whenStopped) {
        this.whenStopped = whenStopped;
        this.muster = muster;
        this.queues = queues.stream().map(muster.queueDirectory()::named).toList();
        this.prefetch = prefetch;
        var size = prefetch == 0 ? BATCH : prefetch;
        // Half of what may wait beside the running tasks: slots never stay empty.
        this.room = new Room(size, Math.max(1, (size - concurrency) / 2));
        this.pool = TaskPool.of(pool, concurrency);
        this.runner = runner;
        this.handler =
                new DeliveryHandler(
                        muster, hostname, this.pool, runner, supervisor, () -> room.giveBack(1));
        this.thread = Thread.ofPlatform().name("worker-" + hostname).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            awaitRunner();
            consumeUntilStopped();
            // Also those whose connection was lost since: their results are on the way to the
            // store.
            handler.awaitIdle();
            if (!handler.isAbandoned()) {
                pool.close();
            }
        } finally {
            runner.close();
            whenStopped.run();
            ready.countDown();
            stopped.countDown();
        }
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
        LOG.error("the worker stops: {}", reason.getMessage());
        failure = reason;
        stop();
    }

    private void consumeUntilStopped() {
        var delay = FIRST_RECONNECT_DELAY;
        while (!isStopping()) {
            try (var consumer = open()) {
                var session = new Session(consumer, prefetch, muster.environment().clock());
                delay = FIRST_RECONNECT_DELAY;
                takeUntilStopped(consumer, session);
                session.end();
                handler.awaitIdle();
            } catch (BrokerException e) {
                if (!e.isTransient()) {
                    fail(e);
                    return;
                }
                delay = pause(e.getMessage(), delay);
            } catch (RuntimeException | Error e) {
                // A defect of ours or of a library, or no memory for what has come: the consumer is
                // closed, and a new one may do better.
                LOG.error("taking messages failed", e);
                delay = pause(e.toString(), delay);
            } finally {
                current = null;
            }
        }
    }

    /// @return how long the next pause is
    private Duration pause(@Nullable String reason, Duration delay) {
        if (!isStopping()) {
            LOG.error(
                    "{}; trying again in {} s, then at growing intervals up to {} s, until the worker is stopped",
                    reason,
                    delay.toSeconds(),
                    LAST_RECONNECT_DELAY.toSeconds());
            await(stopRequested, delay);
        }
        return min(delay.multipliedBy(2), LAST_RECONNECT_DELAY);
    }

    private Consumer open() {
        queues.forEach(muster.broker()::declare);
        var consumer = muster.broker().consume(queues, prefetch);
        current = consumer;
        if (connected) {
            LOG.info("connected to {} again", muster.brokerDescription());
        }
        connected = true;
        ready.countDown();
        return consumer;
    }

    private void takeUntilStopped(Consumer consumer, Session session) {
        while (!isStopping()) {
            var permits = room.take(BATCH);
            var taken = 0;
            try {
                var deliveries =
                        permits == 0 ? List.<Delivery>of() : consumer.take(permits, TAKE_TIMEOUT);
                taken = deliveries.size();
                deliveries.forEach(delivery -> handler.receive(delivery, session));
            } catch (RuntimeException | Error e) {
                // Before the consumer is closed, which gives back what has not been started.
                session.end();
                throw e;
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

    void stop() {
        stopRequested.countDown();
        runner.ready().complete(null);
        var consumer = current;
        if (consumer != null) {
            consumer.cancel();
        }
        room.close();
    }

    void quit() {
        stop();
        handler.abandon();
    }

    boolean awaitStopped(Duration timeout) {
        var done = await(stopped, timeout);
        var reason = failure;
        if (done && reason != null) {
            throw reason;
        }
        return done;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static boolean await(CountDownLatch latch, Duration timeout) {
        try {
            return latch.await(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
