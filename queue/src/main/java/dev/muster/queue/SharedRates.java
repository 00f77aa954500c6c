package dev.muster.queue;

import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps tasks at rates that all workers share ([Task.Scope#CLUSTER]): each start is taken from the
/// result store. Thread-safe.
///
/// What waits when a thread comes to ask is asked for at once: the busier the worker, the fewer
/// round trips for each task; and no start is taken that nobody waits for. While the store is away,
/// the tasks wait.
final class SharedRates {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Muster muster;
    private final RateLimits limits;
    private final Map<String, Line> lines = new ConcurrentHashMap<>();

    /// @throws SettingsException when a task needs a store that can count rates, and this one
    ///   cannot
    SharedRates(Muster muster, RateLimits limits) {
        this.muster = muster;
        this.limits = limits;
        for (var task : muster.registry().all()) {
            if (isShared(task) && muster.store().rates().isEmpty()) {
                throw new SettingsException(
                        "%s has a rate limit for all workers together, which %s cannot keep; set result_backend, for example to redis://localhost:6379/1"
                                .formatted(task.name(), muster.store().description()));
            }
        }
    }

    /// Whether the task has a rate that all workers share.
    boolean isShared(TaskDefinition task) {
        return task.rateLimitScope() == Task.Scope.CLUSTER && limits.of(task).isPresent();
    }

    /// Takes the next free start of the task.
    ///
    /// @param start called with the time until then, by another thread
    /// @param dropped called instead when the session is over before
    void reserve(TaskDefinition task, Session session, Consumer<Duration> start, Runnable dropped) {
        lines.computeIfAbsent(task.name(), _ -> new Line(task))
                .add(new Waiting(session, start, dropped));
    }

    private record Waiting(Session session, Consumer<Duration> start, Runnable dropped) {}

    /// The deliveries of a task that want a start.
    private final class Line {
        private final TaskDefinition task;

        /// Guarded by this object, as is what follows.
        private List<Waiting> waiting = new ArrayList<>();

        private boolean served;

        Line(TaskDefinition task) {
            this.task = task;
        }

        synchronized void add(Waiting delivery) {
            waiting.add(delivery);
            if (!served) {
                served = true;
                Thread.ofVirtual().name("rate-" + task.name()).start(this::serve);
            }
        }

        /// All that wait now; none when the line is empty, and nobody serves it any more.
        private synchronized List<Waiting> next() {
            var next = waiting;
            waiting = new ArrayList<>();
            served = !next.isEmpty();
            return next;
        }

        private void serve() {
            for (var next = next(); !next.isEmpty(); next = next()) {
                serve(next);
            }
        }

        private void serve(List<Waiting> next) {
            var left = next;
            while (!left.isEmpty()) {
                var limit = limits.of(task);
                if (limit.isEmpty()) { // lifted meanwhile
                    start(left, Duration.ZERO, Duration.ZERO);
                    return;
                }
                var interval = limit.get().interval();
                try {
                    start(left, reserve(left.size(), interval), interval);
                    return;
                } catch (MusterException e) {
                    LOG.warn(
                            "tasks {} wait, as their common rate is not known: {}",
                            task.name(),
                            e.getMessage());
                    pause();
                } catch (RuntimeException e) { // a defect must not end the line
                    LOG.error("tasks {} wait, as their common rate is not known", task.name(), e);
                    pause();
                }
                left = withoutOver(left);
            }
        }

        /// A rate that was changed is another: its starts begin anew.
        private Duration reserve(int count, Duration interval) {
            var key = "%s %d".formatted(task.name(), interval.toNanos());
            return rates().reserve(key, interval, count);
        }

        private void start(List<Waiting> deliveries, Duration first, Duration interval) {
            var wait = first;
            for (var delivery : deliveries) {
                try {
                    delivery.start.accept(wait);
                } catch (RuntimeException e) { // the others must start all the same
                    LOG.error("a task {} could not be started", task.name(), e);
                }
                wait = wait.plus(interval);
            }
        }

        private RateStore rates() {
            return muster.store()
                    .rates()
                    .orElseThrow(() ->
                            new MusterException(muster.store().description() + " keeps no rates"));
        }

        private static List<Waiting> withoutOver(List<Waiting> deliveries) {
            var left = new ArrayList<Waiting>(deliveries.size());
            for (var delivery : deliveries) {
                if (delivery.session.isOver()) {
                    delivery.dropped.run();
                } else {
                    left.add(delivery);
                }
            }
            return left;
        }

        private void pause() {
            try {
                muster.environment().sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
