package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseRoundsTest {
    private static final Duration ROUND = Duration.ofSeconds(5);

    private long now = Long.MAX_VALUE; // ticks wrap around
    private final LeaseRounds rounds = new LeaseRounds(ROUND.multipliedBy(3), () -> now);

    @Test
    void whoIsOnTimeMayEndTheLeasesOfOthers() {
        for (var round = 0; round < 3; round++) {
            pass(ROUND.multipliedBy(2));
            assertThat(mayEndOthers()).isTrue();
        }
    }

    @Test
    void whoComesLateSparesThemForARound() {
        pass(Duration.ofMinutes(1));
        assertThat(mayEndOthers()).isFalse();
        pass(ROUND);
        assertThat(mayEndOthers()).isTrue();

        pass(Duration.ofMinutes(1));
        assertThat(mayEndOthers()).isFalse();
    }

    @Test
    void whoIsAlwaysLateEndsThemEverySecondRound() {
        pass(Duration.ofMinutes(1));
        assertThat(mayEndOthers()).isFalse();
        pass(Duration.ofMinutes(1));
        assertThat(mayEndOthers()).isTrue();
        pass(Duration.ofMinutes(1));
        assertThat(mayEndOthers()).isFalse();
    }

    @Test
    void whatStoodStillWithinTheRoundCounts() {
        pass(ROUND);
        rounds.begin();
        assertThat(rounds.mayEndOthers()).isTrue();
        pass(Duration.ofMinutes(1));
        assertThat(rounds.mayEndOthers()).isFalse();
        assertThat(rounds.mayEndOthers()).isFalse();
        rounds.end();

        assertThat(rounds.untilNext()).isEqualTo(ROUND);
        pass(ROUND);
        assertThat(mayEndOthers()).isTrue();
    }

    @Test
    void roundsThatFailedDoNotCount() {
        for (var round = 0; round < 3; round++) {
            pass(ROUND);
            rounds.begin();
        }

        assertThat(mayEndOthers()).isFalse();
    }

    @Test
    void theNextRoundIsDueAThirdOfALeaseAfterTheLastBegan() {
        rounds.begin();
        pass(Duration.ofSeconds(2));
        rounds.end();

        assertThat(rounds.untilNext()).isEqualTo(Duration.ofSeconds(3));
        pass(Duration.ofSeconds(4));
        assertThat(rounds.untilNext()).isZero();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private boolean mayEndOthers() {
        rounds.begin();
        var may = rounds.mayEndOthers();
        rounds.end();
        return may;
    }
}
