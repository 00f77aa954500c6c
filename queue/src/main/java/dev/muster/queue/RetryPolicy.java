package dev.muster.queue;

import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Whether, and when, a task that did not succeed is tried again (celery-wire 6.2).
///
/// @param maxRetries tries after the first; [Task#FOREVER] for no limit
/// @param delay before a retry that says nothing else
/// @param retryFor exceptions after which a task is tried again by itself
/// @param dontRetryFor exceptions among those after which it is not
/// @param backoff the delays of retries by themselves; empty: always `delay`
/// @param jitter whether such a delay is chosen anywhere between zero and what it would be, so that
///   what failed together does not come back together
record RetryPolicy(
        int maxRetries,
        Duration delay,
        List<Class<? extends Throwable>> retryFor,
        List<Class<? extends Throwable>> dontRetryFor,
        Optional<Backoff> backoff,
        boolean jitter) {

    RetryPolicy {
        checked(maxRetries);
        retryFor = List.copyOf(retryFor);
        dontRetryFor = List.copyOf(dontRetryFor);
    }

    static int checked(int maxRetries) {
        if (maxRetries < 0) {
            throw new IllegalArgumentException(
                    "there cannot be %d retries; Task.FOREVER stands for no limit"
                            .formatted(maxRetries));
        }
        return maxRetries;
    }

    /// How a run that threw this has ended.
    Outcome outcomeOf(Throwable thrown, TaskRequest request, Environment environment) {
        return switch (thrown) {
            case RetryException retry ->
                    retry(
                            request,
                            retry.maxRetries().orElse(maxRetries),
                            retry.start().orElse(new Moment.After(delay)),
                            retry.getCause(),
                            environment);
            case ReplaceException replace -> new Outcome.Replaced(replace.workflow());
            case IgnoreException _ -> new Outcome.Ignored();
            case RejectException reject -> new Outcome.Rejected(reject.requeue());
            // Arguments that do not fit will not fit the next time.
            case TaskArgumentException _ -> new Outcome.Failure(thrown);
            case Throwable _ when covers(thrown) ->
                    retry(
                            request,
                            maxRetries,
                            new Moment.After(backoffDelay(request.retries(), environment.random())),
                            thrown,
                            environment);
            case Throwable _ -> new Outcome.Failure(thrown);
        };
    }

    private static Outcome retry(
            TaskRequest request,
            int limit,
            Moment start,
            @Nullable Throwable cause,
            Environment environment) {
        if (limit == Task.FOREVER || request.retries() < limit) {
            Instant eta = start.instant(environment.clock().instant());
            return new Outcome.Retry(eta, cause);
        }
        return new Outcome.Failure(
                cause != null
                        ? cause
                        : new MaxRetriesExceededException(
                                "Can't retry %s[%s] args:%s kwargs:%s"
                                        .formatted(
                                                request.task(),
                                                request.id(),
                                                PythonRepr.args(request.args()),
                                                PythonRepr.kwargs(request.kwargs()))));
    }

    private boolean covers(Throwable thrown) {
        return isAmong(retryFor, thrown) && !isAmong(dontRetryFor, thrown);
    }

    private static boolean isAmong(List<Class<? extends Throwable>> types, Throwable thrown) {
        return types.stream().anyMatch(type -> type.isInstance(thrown));
    }

    /// The delay before the next try of a task that is tried again by itself.
    ///
    /// @param retries how often it has been tried again already
    Duration backoffDelay(int retries, RandomGenerator random) {
        if (backoff.isEmpty()) {
            return delay;
        }
        var full = backoff.get().delay(retries).toMillis();
        return Duration.ofMillis(jitter ? random.nextLong(full + 1) : full);
    }
}
