package dev.muster.queue;

import dev.muster.queue.message.TaskRequest.TimeLimit;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How long a task may run: from the soft limit on it is asked to end, at the hard limit it is
/// given up (celery-wire 6.4).
record TimeLimits(Optional<Duration> hard, Optional<Duration> soft) {
    static final TimeLimits NONE = new TimeLimits(Optional.empty(), Optional.empty());

    TimeLimits {
        if (hard.isPresent() && soft.isPresent() && soft.get().compareTo(hard.get()) > 0) {
            throw new IllegalArgumentException(
                    "the soft time limit %s is longer than the hard one %s"
                            .formatted(soft.get(), hard.get()));
        }
    }

    /// Each limit from the call, else from the task, else from the settings. A soft one that would
    /// come after the hard one is left out.
    static TimeLimits of(TimeLimit call, TimeLimits task, Settings settings) {
        var hard =
                duration(call.hard())
                        .or(task::hard)
                        .or(() -> settings.get(Setting.TASK_TIME_LIMIT));
        var soft =
                duration(call.soft())
                        .or(task::soft)
                        .or(() -> settings.get(Setting.TASK_SOFT_TIME_LIMIT));
        return new TimeLimits(
                hard, soft.filter(limit -> hard.isEmpty() || limit.compareTo(hard.get()) <= 0));
    }

    /// Zero stands for none, as in Python. Longer than a century, too, and would overflow.
    private static Optional<Duration> duration(@Nullable Double seconds) {
        return Optional.ofNullable(seconds)
                .filter(value -> value > 0 && value < Duration.ofDays(36_500).toSeconds())
                .map(value -> Duration.ofNanos((long) (value * 1e9)));
    }
}
