package dev.muster.queue.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.queue.schedule.Solar.Event;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class SolarTest {
    @Test
    void whereTheSunDoesNotSetItsNextSettingIsWaitedFor() {
        var tromso = Schedule.solar(Event.SUNSET, 69.65, 18.96);
        var midsummer = Instant.parse("2030-06-21T00:00:00Z");

        // The midnight sun ends there in the last days of July.
        assertThat(tromso.next(midsummer, midsummer))
                .isBetween("2030-07-24T00:00:00Z", "2030-07-29T00:00:00Z");
    }

    @Test
    void atThePoleTheSunNeverSetsAndRises() {
        var now = Instant.parse("2030-06-21T00:00:00Z");

        assertThatExceptionOfType(DateTimeException.class)
                .isThrownBy(() -> Schedule.solar(Event.SUNSET, 90, 0).next(now, now))
                .withMessage("there is no sunset at 90.0, 0.0");
    }

    @Test
    void eachDayHasOneOfEachAlsoAcrossTheDateLine() {
        for (var event : Event.values()) {
            for (var longitude : new double[] {-180, -179, 0, 179, 180}) {
                var solar = Schedule.solar(event, 40, longitude);
                var last = Instant.parse("2030-01-01T00:00:00Z");
                for (var day = 0; day < 366; day++) {
                    var next = solar.next(last, last);
                    if (day > 0) {
                        assertThat(next)
                                .as(solar.toString())
                                .isBetween(
                                        last.plus(23, ChronoUnit.HOURS),
                                        last.plus(25, ChronoUnit.HOURS));
                    }
                    last = next;
                }
            }
        }
    }

    @Test
    void refusesPlacesThatAreNotOnEarth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.solar(Event.SUNSET, 91, 0))
                .withMessage("a latitude must be from -90 to 90, was 91.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.solar(Event.SUNSET, 0, -181))
                .withMessage("a longitude must be from -180 to 180, was -181.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.parse("midnight"))
                .withMessageContaining("'midnight' is no event of the sun; there are dawn_");
    }
}
