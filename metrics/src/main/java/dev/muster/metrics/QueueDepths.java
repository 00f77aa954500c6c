package dev.muster.metrics;

import io.micrometer.core.instrument.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The lengths of queues as the broker told them last, asked for when somebody looks. Thread-safe.
///
/// The gauges of all queues are read one after the other, so one question serves them all. A broker
/// that does not answer costs a reader a second now and then, and is asked nothing more meanwhile.
final class QueueDepths {
    private static final Logger LOG = LoggerFactory.getLogger(QueueDepths.class);

    /// Shorter than monitors' usual intervals, so that each reading is a new one.
    private static final Duration FRESH = Duration.ofSeconds(5);

    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final Callable<Map<String, Long>> broker;
    private final Clock clock;

    // Guarded by this object.
    private FutureTask<Map<String, Long>> answer;
    private Map<String, Long> known = Map.of();
    private long knownUntil;

    QueueDepths(Callable<Map<String, Long>> broker, Clock clock) {
        this.broker = broker;
        this.clock = clock;
        this.knownUntil = clock.monotonicTime();
        this.answer = new FutureTask<>(Map::of);
        answer.run();
    }

    /// Not a number when the broker does not tell.
    synchronized double of(String queue) {
        if (clock.monotonicTime() - knownUntil >= 0) {
            if (answer.isDone()) {
                answer = new FutureTask<>(broker);
                Thread.ofVirtual().name("queue-depth").start(answer);
            }
            known = await();
            knownUntil = clock.monotonicTime() + FRESH.toNanos();
        }
        var depth = known.get(queue);
        return depth == null ? Double.NaN : depth;
    }

    private Map<String, Long> await() {
        try {
            return answer.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.debug("the lengths of queues are not known, as the broker does not answer");
        } catch (ExecutionException e) {
            LOG.debug("the lengths of queues are not known", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.of();
    }
}
