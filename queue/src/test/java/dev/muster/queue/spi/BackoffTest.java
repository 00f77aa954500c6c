package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    @Test
    void delaysDoubleUpToTheLongest() {
        var backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(350));

        assertThat(IntStream.range(0, 6).mapToObj(backoff::delay))
                .containsExactly(
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(200),
                        Duration.ofMillis(350),
                        Duration.ofMillis(350),
                        Duration.ofMillis(350));
    }

    @Test
    void noDelayIsBeyondTheLongestHoweverManyFailuresCameBefore() {
        var most = Duration.ofSeconds(2);

        assertThat(new Backoff(Duration.ofMillis(1), most).delay(Integer.MAX_VALUE))
                .isEqualTo(most);
        assertThat(new Backoff(Duration.ofMinutes(1), most).delay(0)).isEqualTo(most);
        assertThat(new Backoff(Duration.ofNanos(1), Duration.ZERO).delay(5))
                .isEqualTo(Duration.ZERO);
        assertThat(new Backoff(Duration.ofNanos(1), FOR_EVER).delay(Integer.MAX_VALUE))
                .isEqualTo(FOR_EVER);
        assertThat(new Backoff(FOR_EVER.minusNanos(1), FOR_EVER).delay(1)).isEqualTo(FOR_EVER);
    }

    @Test
    void theFirstDelayIsLongerThanNothing() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(-1), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
