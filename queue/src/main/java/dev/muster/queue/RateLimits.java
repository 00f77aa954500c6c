package dev.muster.queue;

import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/// Keeps the tasks of a worker at their rates: one start per interval and task, without bursts, as
/// Celery's token bucket of capacity one. Thread-safe.
final class RateLimits {
    private final Optional<RateLimit> byDefault;
    private final boolean disabled;
    private final LongSupplier nanoTime;

    /// When the next start of a task is free, in nanoseconds, by its name.
    private final Map<String, Long> next = new ConcurrentHashMap<>();

    /// Limits in place of the tasks' own, by their names; empty for none.
    private final Map<String, Optional<RateLimit>> changed = new ConcurrentHashMap<>();

    /// @param nanoTime [System#nanoTime], or a test's
    RateLimits(Settings settings, LongSupplier nanoTime) {
        this.byDefault = RateLimit.parse(settings.get(Setting.TASK_DEFAULT_RATE_LIMIT).orElse(""));
        this.disabled = settings.get(Setting.WORKER_DISABLE_RATE_LIMITS);
        this.nanoTime = nanoTime;
    }

    /// The rate of the task; empty for no limit.
    Optional<RateLimit> of(TaskDefinition task) {
        if (disabled) {
            return Optional.empty();
        }
        var other = changed.get(task.name());
        return other != null ? other : task.rateLimit().or(() -> byDefault);
    }

    /// From now on the task has this rate instead.
    ///
    /// @param limit empty for none
    void change(TaskDefinition task, Optional<RateLimit> limit) {
        changed.put(task.name(), limit);
        next.remove(task.name());
    }

    /// Takes the next free start of the task.
    ///
    /// @return how long until then; zero for at once
    Duration reserve(TaskDefinition task) {
        var limit = of(task);
        if (limit.isEmpty()) {
            return Duration.ZERO;
        }
        var interval = limit.get().interval().toNanos();
        var now = nanoTime.getAsLong();
        var start = new AtomicReference<>(now);
        next.compute(
                task.name(),
                (_, free) -> {
                    var mine = free == null || free - now < 0 ? now : free;
                    start.set(mine);
                    return mine + interval;
                });
        return Duration.ofNanos(start.get() - now);
    }
}
