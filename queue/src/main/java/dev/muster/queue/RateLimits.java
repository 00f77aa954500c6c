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

    /// Limits that were changed at run time, by the task's name.
    private final Map<String, Optional<RateLimit>> changed = new ConcurrentHashMap<>();

    /// @param nanoTime [System#nanoTime], or a test's
    RateLimits(Settings settings, LongSupplier nanoTime) {
        this.byDefault = RateLimit.parse(settings.get(Setting.TASK_DEFAULT_RATE_LIMIT).orElse(""));
        this.disabled = settings.get(Setting.WORKER_DISABLE_RATE_LIMITS);
        this.nanoTime = nanoTime;
    }

    /// Changes the limit of a task, whatever its own says.
    ///
    /// @param limit empty for none
    void change(String task, Optional<RateLimit> limit) {
        changed.put(task, limit);
    }

    /// What holds for the task now.
    Optional<RateLimit> of(TaskDefinition task) {
        var instead = changed.get(task.name());
        return instead == null ? task.rateLimit().or(() -> byDefault) : instead;
    }

    /// Takes the next free start of the task.
    ///
    /// @return how long until then; zero for at once
    Duration reserve(TaskDefinition task) {
        var limit = disabled ? Optional.<RateLimit>empty() : of(task);
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
