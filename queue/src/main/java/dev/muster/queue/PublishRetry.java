package dev.muster.queue;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How often, and how long apart, publishing is tried again while the broker is away
/// (`task_publish_retry_policy`).
///
/// @param maxRetries tries after the first
/// @param start before the first retry
/// @param step what each further delay is longer
/// @param max the longest delay
record PublishRetry(int maxRetries, Duration start, Duration step, Duration max) {
    /// For a message that exists nowhere else, because the one that has led to it was acknowledged
    /// early: its sending outlives a restart of the broker.
    static final PublishRetry PATIENT =
            new PublishRetry(30, Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(10));

    private static final Logger LOG = LoggerFactory.getLogger(PublishRetry.class);
    private static final Set<String> FIELDS =
            Set.of("max_retries", "interval_start", "interval_step", "interval_max");

    static PublishRetry of(Settings settings) {
        var policy = settings.get(Setting.TASK_PUBLISH_RETRY_POLICY);
        policy.keySet().stream()
                .filter(field -> !FIELDS.contains(field))
                .findFirst()
                .ifPresent(field -> {
                    throw new SettingsException(
                            "task_publish_retry_policy: '%s' is unknown; did you mean '%s'?"
                                    .formatted(field, Settings.nearest(field, FIELDS)));
                });
        var retries = field(policy, "max_retries", Setting::toInteger, 3);
        return new PublishRetry(
                settings.get(Setting.TASK_PUBLISH_RETRY) ? retries : 0,
                field(policy, "interval_start", Setting::toDuration, Duration.ZERO),
                field(policy, "interval_step", Setting::toDuration, Duration.ofMillis(200)),
                field(policy, "interval_max", Setting::toDuration, Duration.ofSeconds(1)));
    }

    private static <T> T field(
            Map<String, Object> policy, String field, Function<Object, T> reader, T byDefault) {
        var value = policy.get(field);
        try {
            return value == null ? byDefault : reader.apply(value);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(
                    "task_publish_retry_policy: %s: %s".formatted(field, e.getMessage()), e);
        }
    }

    /// Runs the action, again after each transient failure, until the retries are used up.
    ///
    /// @param environment whose time passes between the tries
    /// @throws BrokerException the last failure
    void run(Environment environment, Runnable action) {
        for (var attempt = 0; ; attempt++) {
            try {
                action.run();
                return;
            } catch (BrokerException e) {
                if (!e.isTransient()) {
                    throw e;
                }
                if (attempt == maxRetries) {
                    throw attempt == 0 ? e : BrokerException.exhausted(e, attempt + 1);
                }
                var delay = delay(attempt);
                LOG.warn(
                        "{}; trying again in {} ms ({} of {})",
                        e.getMessage(),
                        delay.toMillis(),
                        attempt + 1,
                        maxRetries);
                pause(environment, delay);
            }
        }
    }

    Duration delay(int attempt) {
        var delay = start.plus(step.multipliedBy(attempt));
        return delay.compareTo(max) > 0 ? max : delay;
    }

    private static void pause(Environment environment, Duration delay) {
        try {
            environment.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException(
                    "interrupted while waiting for the broker to come back");
        }
    }
}
