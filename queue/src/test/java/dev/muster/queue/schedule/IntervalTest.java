package dev.muster.queue.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class IntervalTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void isDueWhenItIsOverAndNotBefore() {
        var interval = Schedule.every(Duration.ofSeconds(30));
        var start = Instant.parse("2030-01-01T00:00:00Z");

        assertThat(interval.isDue(start, start.plusSeconds(29)))
                .isEqualTo(new Schedule.Due(false, Duration.ofSeconds(1)));
        assertThat(interval.isDue(start, start.plusSeconds(30)))
                .isEqualTo(new Schedule.Due(true, Duration.ofSeconds(30)));
        assertThat(interval.isDue(start, start.plusSeconds(3000)))
                .isEqualTo(new Schedule.Due(true, Duration.ofSeconds(30)));
    }

    @Test
    void aRelativeDayEndsAtMidnightOfItsZoneAlsoWhenTheClockIsSet() {
        var daily = Schedule.every(Duration.ofDays(1)).rounded().withDefaultZone(BERLIN);
        var evening = Instant.parse("2030-03-30T20:00:00Z");

        assertThat(daily.next(evening, evening)).isEqualTo("2030-03-30T23:00:00Z");
        assertThat(daily.next(Instant.parse("2030-03-30T23:00:00Z"), evening))
                .isEqualTo("2030-03-31T22:00:00Z");
    }

    @Test
    void aDayOf25HoursIsFollowedByTheNext() {
        var daily = Schedule.every(Duration.ofDays(1)).rounded().withDefaultZone(BERLIN);
        var midnight = Instant.parse("2030-10-26T22:00:00Z");

        assertThat(daily.next(midnight, midnight)).isEqualTo("2030-10-27T23:00:00Z");
    }

    @Test
    void minutesGoOnWhileTheClockIsSetBack() {
        var interval = Schedule.every(Duration.ofMinutes(10)).withDefaultZone(BERLIN);
        var beforeTheChange = Instant.parse("2030-10-27T00:55:00Z");

        assertThat(interval.next(beforeTheChange, beforeTheChange.plusSeconds(300)))
                .isEqualTo("2030-10-27T01:05:00Z");
    }

    @Test
    void refusesNoTimeAtAll() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.every(Duration.ZERO))
                .withMessage("an interval must be > 0, was PT0S");
    }
}
