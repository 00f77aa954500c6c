package dev.muster.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MockClock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueDepthsTest {
    private final MockClock clock = new MockClock();
    private final AtomicInteger asked = new AtomicInteger();

    private QueueDepths depths(Callable<Map<String, Long>> broker) {
        return new QueueDepths(broker, clock);
    }

    @Test
    void asksOnceForAllQueuesAndAgainAfterAWhile() {
        var depths = depths(() -> Map.of("a", (long) asked.incrementAndGet(), "b", 7L));

        assertThat(depths.of("a")).isEqualTo(1);
        assertThat(depths.of("b")).isEqualTo(7);
        clock.add(Duration.ofMillis(4999));
        assertThat(depths.of("a")).isEqualTo(1);
        clock.add(Duration.ofMillis(1));
        assertThat(depths.of("a")).isEqualTo(2);
        assertThat(depths.of("c")).isNaN();
    }

    @Test
    void asksABrokerThatDoesNotAnswerNothingMore() {
        var gate = new Semaphore(0);
        var depths =
                depths(() -> {
                    asked.incrementAndGet();
                    gate.acquire();
                    return Map.of("a", 3L);
                });

        assertThat(depths.of("a")).isNaN();
        clock.add(Duration.ofSeconds(5));
        assertThat(depths.of("a")).isNaN();
        assertThat(asked).hasValue(1);

        gate.release(1000);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> {
                    clock.add(Duration.ofSeconds(5));
                    return depths.of("a") == 3;
                });
    }

    @Test
    void tellsNothingWhileTheBrokerIsAway() {
        var depths =
                depths(() -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new IllegalStateException("away");
                    }
                    return Map.of("a", 3L);
                });

        assertThat(depths.of("a")).isNaN();
        clock.add(Duration.ofSeconds(5));
        assertThat(depths.of("a")).isEqualTo(3);
    }
}
