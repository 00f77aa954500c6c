package dev.muster.queue.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogicalClockTest {
    private final LogicalClock clock = new LogicalClock();

    @Test
    void goesPastWhatItSees() {
        assertThat(clock.next()).isEqualTo(1);
        clock.saw(41L);
        assertThat(clock.now()).isEqualTo(42);
        clock.saw(7);
        assertThat(clock.now()).isEqualTo(43);
        clock.saw(100.0);
        assertThat(clock.next()).isEqualTo(102);
    }

    @Test
    void whatCannotBeReachedByCountingIsNotLookedAt() {
        for (var absurd :
                Arrays.asList(
                        null,
                        "12",
                        true,
                        -1L,
                        Long.MIN_VALUE,
                        Long.MAX_VALUE,
                        1L << 53,
                        1.5,
                        1e300,
                        Double.NaN,
                        Double.POSITIVE_INFINITY,
                        BigInteger.TWO.pow(64).add(BigInteger.TEN),
                        List.of(1),
                        Map.of())) {
            clock.saw(absurd);
        }

        assertThat(clock.now()).isZero();
    }

    @Test
    void goesOnBeyondTheHighestThatItLooksAt() {
        clock.saw((1L << 53) - 1);

        assertThat(clock.next()).isEqualTo((1L << 53) + 1);
    }
}
