package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Settings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final long SEED = 4711;

    private final Environment environment =
            new Environment(Settings.DEFAULT, InstantSource.fixed(NOW), new Random(SEED));

    private static RetryPolicy policy(@Nullable Duration backoff, Duration most, boolean jitter) {
        return new RetryPolicy(
                3,
                Duration.ofMinutes(3),
                List.of(IOException.class),
                List.of(FileNotFoundException.class),
                Optional.ofNullable(backoff).map(first -> new Backoff(first, most)),
                jitter);
    }

    private final RetryPolicy plain = policy(null, Duration.ofMinutes(10), true);

    private static TaskRequest request(int retries) {
        var request = Requests.request("id-1", "mail", List.of(1L), Map.of("k", "v"));
        for (var retry = 0; retry < retries; retry++) {
            request = request.retry(NOW);
        }
        return request;
    }

    private static RetryException retry(@Nullable Throwable cause) {
        return new RetryException(null, null, cause);
    }

    @Test
    void aRetryWithoutADelayWaitsForTheDelayOfTheTask() {
        assertThat(plain.outcomeOf(retry(null), request(0), environment))
                .isEqualTo(new Outcome.Retry(NOW.plusSeconds(180), null));
    }

    @Test
    void aRetryMayNameItsOwnTimeAndLimit() {
        var cause = new IOException("busy");
        var at = Instant.parse("2031-01-01T00:00:00Z");

        assertThat(plain.outcomeOf(retry(cause).at(at).atMost(5), request(4), environment))
                .isEqualTo(new Outcome.Retry(at, cause));
        assertThat(plain.outcomeOf(retry(cause).atMost(5), request(5), environment))
                .isEqualTo(new Outcome.Failure(cause));
    }

    @Test
    void theLastFailureIsTheCauseIfThereIsOne() {
        var cause = new IllegalStateException("no more");

        assertThat(plain.outcomeOf(retry(cause), request(2), environment))
                .isInstanceOf(Outcome.Retry.class);
        assertThat(plain.outcomeOf(retry(cause), request(3), environment))
                .isEqualTo(new Outcome.Failure(cause));
    }

    @Test
    void theLastFailureIsThatOfTheLimitOtherwiseInTheWordsOfCelery() {
        var outcome = (Outcome.Failure) plain.outcomeOf(retry(null), request(3), environment);

        assertThat(outcome.cause())
                .isInstanceOf(MaxRetriesExceededException.class)
                .hasMessage("Can't retry mail[id-1] args:(1,) kwargs:{'k': 'v'}");
    }

    @Test
    void withoutALimitItIsTriedForEver() {
        var forEver = retry(null).atMost(Task.FOREVER);

        assertThat(plain.outcomeOf(forEver, request(1000), environment))
                .isInstanceOf(Outcome.Retry.class);
    }

    @Test
    void onlyTheNamedExceptionsAreRetriedByThemselves() {
        var covered = new IOException("busy");
        assertThat(plain.outcomeOf(covered, request(0), environment))
                .isEqualTo(new Outcome.Retry(NOW.plusSeconds(180), covered));
        assertThat(plain.outcomeOf(covered, request(3), environment))
                .isEqualTo(new Outcome.Failure(covered));

        for (var other :
                List.of(
                        new FileNotFoundException("excluded"),
                        new IllegalStateException("not named"))) {
            assertThat(plain.outcomeOf(other, request(0), environment))
                    .isEqualTo(new Outcome.Failure(other));
        }
    }

    @Test
    void argumentsThatDoNotFitAreNeverTriedAgain() {
        var everything =
                new RetryPolicy(
                        3,
                        Duration.ZERO,
                        List.of(Throwable.class),
                        List.of(),
                        Optional.empty(),
                        false);
        var mistake = new TaskArgumentException("missing");

        assertThat(everything.outcomeOf(mistake, request(0), environment))
                .isEqualTo(new Outcome.Failure(mistake));
        assertThat(everything.outcomeOf(new IgnoreException(), request(0), environment))
                .isEqualTo(new Outcome.Ignored());
        assertThat(everything.outcomeOf(new RejectException(true, null), request(0), environment))
                .isEqualTo(new Outcome.Rejected(true));
    }

    @Test
    void backoffDoublesUpToItsLimit() {
        var policy = policy(Duration.ofSeconds(2), Duration.ofSeconds(30), false);

        assertThat(
                        IntStream.of(0, 1, 2, 3, 4, 5, 2000)
                                .mapToObj(retries -> policy.backoffDelay(retries, new Random(SEED)))
                                .map(Duration::toSeconds))
                .containsExactly(2L, 4L, 8L, 16L, 30L, 30L, 30L);
    }

    @Test
    void jitterSpreadsADelayBetweenNothingAndItsFullLength() {
        var policy = policy(Duration.ofSeconds(4), Duration.ofMinutes(10), true);
        var random = new Random(SEED);

        var delays =
                IntStream.range(0, 1000)
                        .mapToObj(_ -> policy.backoffDelay(1, random))
                        .mapToLong(Duration::toMillis)
                        .summaryStatistics();

        assertThat(delays.getMin()).as("seed %d", SEED).isBetween(0L, 400L);
        assertThat(delays.getMax()).as("seed %d", SEED).isBetween(7600L, 8000L);
        assertThat(delays.getAverage()).as("seed %d", SEED).isBetween(3700.0, 4300.0);
    }

    @Test
    void anImpossiblePolicyIsRefusedWithItsPlace() {
        assertThatThrownBy(
                        () -> TaskRegistry.of(List.of(), List.of(TaskObject.of(new Impossible()))))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("never()")
                .hasMessageContaining("-2 retries");
    }

    static class Impossible {
        @Task(maxRetries = -2)
        void never() {}
    }
}
