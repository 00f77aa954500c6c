package dev.muster.queue;

import dev.muster.queue.control.CommandException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a worker larger while tasks wait, and smaller when they are fewer (celery-wire 6.9): it
/// grows at once, and shrinks when it has not grown for half a minute. Thread-safe.
final class Autoscaler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration KEPT = Duration.ofSeconds(30);

    private final WorkerLoop loop;
    private final InstantSource clock;
    private final Timer timer;

    // Guarded by this object.
    private Range range;
    private Instant lastGrowth;

    /// How many tasks may run at once.
    record Range(int max, int min) {
        Range {
            if (min < 1 || max < min) {
                throw new IllegalArgumentException(
                        "autoscale goes from 1 or more to no less, was max=%d min=%d"
                                .formatted(max, min));
            }
        }
    }

    Autoscaler(WorkerLoop loop, Range range, InstantSource clock) {
        this.loop = loop;
        this.range = range;
        this.clock = clock;
        this.lastGrowth = clock.instant();
        this.timer = Timer.of(clock, "autoscale");
    }

    void start() {
        var _ =
                timer.after(
                        INTERVAL,
                        () -> {
                            try {
                                scale();
                            } catch (RuntimeException | Error e) { // the next time it may work
                                LOG.error("the worker could not be scaled", e);
                            } finally {
                                start();
                            }
                        });
    }

    private synchronized void scale() {
        var size = loop.concurrency();
        var wanted = Math.clamp(loop.roster().load(), range.min(), range.max());
        if (wanted > size) {
            LOG.info("Scaling up by {}", wanted - size);
            loop.resize(wanted);
            lastGrowth = clock.instant();
        } else if (wanted < size && clock.instant().isAfter(lastGrowth.plus(KEPT))) {
            LOG.info("Scaling down by {}", size - wanted);
            loop.resize(wanted);
        }
    }

    /// @param max 0 for what it is
    /// @param min 0 for what it is
    /// @return what holds now
    synchronized Range change(int max, int min) {
        try {
            range = new Range(max == 0 ? range.max() : max, min == 0 ? range.min() : min);
        } catch (IllegalArgumentException e) {
            throw new CommandException("ValueError('%s')".formatted(e.getMessage()));
        }
        return range;
    }

    @Override
    public void close() {
        timer.close();
    }
}
