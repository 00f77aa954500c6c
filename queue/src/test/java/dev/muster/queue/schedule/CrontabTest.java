package dev.muster.queue.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrontabTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /// The next times, each as seen when the one before has just been.
    private static List<String> times(Crontab crontab, String after, int count) {
        var times = new ArrayList<String>();
        var last = Instant.parse(after);
        for (var n = 0; n < count; n++) {
            last = crontab.next(last, last);
            times.add(last.toString());
        }
        return times;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    * * * * *            | 2030-01-01T00:00:59Z | 2030-01-01T00:01:00Z
                    0 22-2 * * *         | 2030-01-01T23:00:00Z | 2030-01-02T00:00:00Z
                    0 22-2 * * *         | 2030-01-01T02:00:00Z | 2030-01-01T22:00:00Z
                    0 */5 * * *          | 2030-01-01T15:00:00Z | 2030-01-01T20:00:00Z
                    0 0 */2 * *          | 2030-01-29T00:00:00Z | 2030-01-31T00:00:00Z
                    0 0 */2 * *          | 2030-01-31T00:00:00Z | 2030-02-01T00:00:00Z
                    0 0 * * fri-mon      | 2030-01-01T00:00:00Z | 2030-01-04T00:00:00Z
                    0 0 * * sunday       | 2030-01-01T00:00:00Z | 2030-01-06T00:00:00Z
                    0 0 * * 0            | 2030-01-01T00:00:00Z | 2030-01-06T00:00:00Z
                    0 0 13 * fri         | 2030-01-01T00:00:00Z | 2030-09-13T00:00:00Z
                    0 0 1 Jan,july *     | 2030-01-01T00:00:00Z | 2030-07-01T00:00:00Z
                    0 0 29 2 *           | 2030-01-01T00:00:00Z | 2032-02-29T00:00:00Z
                    0 0 29 feb mon       | 2030-01-01T00:00:00Z | 2044-02-29T00:00:00Z
                    0 0 31 * *           | 2030-03-31T00:00:00Z | 2030-05-31T00:00:00Z
                    30-10/20 5 * * *     | 2030-01-01T05:10:00Z | 2030-01-01T05:30:00Z
                    1,13,30-32 * * * *   | 2030-01-01T05:31:00Z | 2030-01-01T05:32:00Z
                    """)
    void allFieldsMatch(String text, Instant last, Instant next) {
        assertThat(Crontab.parse(text).next(last, last)).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    60 * * * *    | 60 is not from 0 to 59
                    * 24 * * *    | 24 is not from 0 to 23
                    * * 0 * *     | 0 is not from 1 to 31
                    * * * 13 *    | 13 is not from 1 to 12
                    * * * * 7     | Sunday is 0
                    * * * * 0-7   | Sunday is 0
                    5/10 * * * *  | a step follows a range or *
                    */0 * * * *   | a step is a number > 0
                    */ * * * *    | a step is a number > 0
                    */a * * * *   | a step is a number > 0
                    1,,2 * * * *  | none of
                    -1 * * * *    | none of
                    *5 * * * *    | none of
                    1-5x * * * *  | neither a number nor a day nor a month
                    * * * * mo    | neither a number nor a day nor a month
                    * * 30 2 *    | no month of these has such a day
                    * * 31 4,6 *  | no month of these has such a day
                    * * * *       | five fields
                    @daily        | five fields
                    """)
    void whatMakesNoSenseIsRefusedWithAReason(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Crontab.parse(text))
                .withMessageContaining(reason);
    }

    @Test
    void aTimeThatTheClockSkipsIsAtTheMomentOfTheChange() {
        var crontab = Crontab.parse("30 2 * * *").zone(BERLIN);

        assertThat(times(crontab, "2030-03-29T12:00:00Z", 3))
                .containsExactly(
                        "2030-03-30T01:30:00Z", "2030-03-31T01:00:00Z", "2030-04-01T00:30:00Z");
    }

    @Test
    void aTimeThatComesTwiceIsTheFirstOne() {
        var crontab = Crontab.parse("30 2 * * *").zone(BERLIN);

        assertThat(times(crontab, "2030-10-26T12:00:00Z", 2))
                .containsExactly("2030-10-27T00:30:00Z", "2030-10-28T01:30:00Z");
    }

    @Test
    void whatRanInTheSecondOfTwoEqualHoursGoesOnInIt() {
        var crontab = Crontab.parse("*/20 * * * *").zone(BERLIN);

        assertThat(times(crontab, "2030-10-27T01:05:00Z", 3))
                .containsExactly(
                        "2030-10-27T01:20:00Z", "2030-10-27T01:40:00Z", "2030-10-27T02:00:00Z");
    }

    @Test
    void severalTimesThatTheClockSkipsAreOneRun() {
        var crontab = Crontab.parse("0,15,30,45 2,3 * * *").zone(BERLIN);

        assertThat(times(crontab, "2030-03-30T12:00:00Z", 3))
                .containsExactly(
                        "2030-03-31T01:00:00Z", "2030-03-31T01:15:00Z", "2030-03-31T01:30:00Z");
    }

    @Test
    void aZoneOfItsOwnComesBeforeTheApplications() {
        var noon = Crontab.parse("0 12 * * *");
        var last = Instant.parse("2030-07-01T00:00:00Z");

        assertThat(noon.next(last, last)).isEqualTo("2030-07-01T12:00:00Z");
        assertThat(noon.withDefaultZone(BERLIN).next(last, last)).isEqualTo("2030-07-01T10:00:00Z");
        assertThat(noon.zone(ZoneId.of("Asia/Tokyo")).withDefaultZone(BERLIN).next(last, last))
                .isEqualTo("2030-07-01T03:00:00Z");
    }

    @Test
    void inTheEveningOfAmericaTomorrowIsNotLost() {
        var crontab = Crontab.parse("0 4 1-31 * *").zone(ZoneId.of("America/New_York"));
        var evening = Instant.parse("2022-01-11T01:30:00Z");

        assertThat(crontab.remaining(evening, evening))
                .isEqualTo(Duration.ofHours(7).plusMinutes(30));
    }

    @Test
    void isEqualWhenItRunsAtTheSameTimes() {
        assertThat(Crontab.parse("0,30 * * * mon"))
                .isEqualTo(Crontab.parse("*/30 * * * 1"))
                .hasSameHashCodeAs(Crontab.parse("*/30 * * * 1"))
                .isNotEqualTo(Crontab.parse("*/30 * * * 2"))
                .isNotEqualTo(Crontab.parse("*/30 * * * 1").zone(BERLIN));
        assertThat(Crontab.EVERY_MINUTE.minute("5").hour("1").dayOfWeek("fri"))
                .isEqualTo(Crontab.parse("5 1 * * 5"));
        assertThat(Crontab.EVERY_MINUTE.dayOfMonth("3").monthOfYear("may"))
                .hasToString("* * 3 may *");
    }
}
