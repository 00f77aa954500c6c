package dev.muster.queue.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseRoundsTest {
    private static final Duration ROUND = Duration.ofSeconds(6);
    private static final Duration STANDSTILL = Duration.ofMinutes(1);

    private long ticks = Long.MAX_VALUE; // they wrap around
    private long clock;
    private final LeaseRounds rounds =
            new LeaseRounds(ROUND.multipliedBy(3), () -> ticks, () -> clock);

    @BeforeEach
    void firstRound() {
        assertThat(round()).as("who is new spares the others").isFalse();
        pass(ROUND);
    }

    @Test
    void refusesALeaseThatNobodyCouldRenewInTime() {
        assertThatThrownBy(() -> new LeaseRounds(Duration.ofMillis(299)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("lease must be at least PT0.3S, was PT0.299S");
    }

    @Test
    void whoIsOnTimeMayEndTheLeasesOfOthers() {
        assertThat(round()).isTrue();
        pass(ROUND.multipliedBy(2));
        assertThat(round()).isTrue();
    }

    @Test
    void whoComesLateSparesThemForARound() {
        assertThat(round()).isTrue();
        pass(STANDSTILL);
        assertThat(round()).isFalse();

        pass(ROUND.dividedBy(2));
        assertThat(round()).as("a round between").isFalse();
        pass(ROUND.dividedBy(2));
        assertThat(round()).isTrue();
    }

    @Test
    void aStandstillSoonAfterTheLastIsSparedAsWell() {
        assertThat(round()).isTrue();
        pass(STANDSTILL);
        assertThat(round()).isFalse();
        pass(ROUND);
        rounds.begin(); // and fails
        pass(STANDSTILL);

        assertThat(round()).isFalse();
    }

    @Test
    void whoIsAlwaysLateEndsThemNowAndThen() {
        assertThat(round()).isTrue();
        for (var late = 0; late < 3; late++) {
            pass(STANDSTILL);
            assertThat(round()).isFalse();
        }
        pass(STANDSTILL);
        assertThat(round()).isTrue();
        pass(STANDSTILL);
        assertThat(round()).isFalse();
    }

    @Test
    void whatStoodStillWithinTheRoundCounts() {
        rounds.begin();
        assertThat(rounds.mayEndOthers()).isTrue();
        pass(STANDSTILL);
        assertThat(rounds.mayEndOthers()).isFalse();
        rounds.end();

        assertThat(rounds.untilNext()).as("its own leases want to be renewed").isZero();
        assertThat(round()).isFalse();
        pass(ROUND);
        assertThat(round()).isTrue();
    }

    @Test
    void beingLateCountsAlthoughNobodyAsks() {
        pass(STANDSTILL);
        rounds.begin();
        rounds.end();

        assertThat(rounds.mayEndOthers()).isFalse();
    }

    @Test
    void roundsThatFailedRenewNothing() {
        for (var round = 0; round < 3; round++) {
            pass(ROUND);
            rounds.begin();
        }

        assertThat(round()).isFalse();
    }

    @Test
    void aMachineThatWasSuspendedHasNoTicksForThat() {
        assertThat(round()).isTrue();
        clock += STANDSTILL.toMillis();

        assertThat(round()).isFalse();
    }

    @Test
    void aClockThatIsSetBackChangesNothing() {
        clock -= STANDSTILL.toMillis();

        assertThat(round()).isTrue();
    }

    @Test
    void theNextRoundIsDueAThirdOfALeaseAfterTheLastBegan() {
        rounds.begin();
        pass(Duration.ofSeconds(1));
        assertThat(rounds.untilNext()).as("after a failure").isEqualTo(Duration.ofSeconds(1));
        rounds.end();

        assertThat(rounds.untilNext()).isEqualTo(Duration.ofSeconds(5));
        pass(Duration.ofSeconds(5));
        assertThat(rounds.untilNext()).isZero();
    }

    private void pass(Duration time) {
        ticks += time.toNanos();
        clock += time.toMillis();
    }

    private boolean round() {
        rounds.begin();
        var may = rounds.mayEndOthers();
        rounds.end();
        return may;
    }
}
