package dev.muster.queue.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Ten thousand random schedules and times, with what Celery 5.2.6 answers (`schedules.py` beside
/// the data).
class CeleryScheduleTest {
    /// One line of the data.
    ///
    /// @param remaining in seconds; with a time zone, as the hands of a clock show it
    /// @param following in seconds from now to the time after, where it is due
    private record Answer(
            String kind,
            String text,
            ZoneId zone,
            Instant lastRun,
            Instant now,
            boolean isDue,
            long remaining,
            long following) {
        static Answer parse(String line) {
            var fields = line.split("\\|", -1);
            return new Answer(
                    fields[0],
                    fields[1],
                    ZoneId.of(fields[2]),
                    Instant.ofEpochSecond(Long.parseLong(fields[3])),
                    Instant.ofEpochSecond(Long.parseLong(fields[4])),
                    fields[5].equals("1"),
                    Long.parseLong(fields[6]),
                    fields[7].equals("-") ? 0 : Long.parseLong(fields[7]));
        }

        LocalDateTime local(Instant time) {
            return LocalDateTime.ofInstant(time, zone);
        }

        /// In whose hour the clock is set back.
        boolean isNowAmbiguous() {
            return zone.getRules().getValidOffsets(local(now)).size() > 1;
        }
    }

    private static List<Answer> answers(String... kinds) throws IOException {
        try (var stream =
                Objects.requireNonNull(
                        CeleryScheduleTest.class.getResourceAsStream("schedules.txt"))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(Answer::parse)
                    .filter(answer -> List.of(kinds).contains(answer.kind))
                    .toList();
        }
    }

    @Test
    void crontabsRunWhenCeleryRunsThem() throws IOException {
        var lost = 0;
        var answers = answers("crontab");
        for (var answer : answers) {
            var crontab = Crontab.parse(answer.text).zone(answer.zone);
            var today = LocalDate.ofInstant(answer.now, answer.zone);
            var expected = answer.local(answer.now).plusSeconds(answer.remaining);
            var next = crontab.nextLocal(answer.local(answer.lastRun), today);
            if (losesDays(answer, answer.lastRun)) {
                assertThat(next).as(answer.toString()).isBeforeOrEqualTo(expected);
                lost++;
                continue;
            }
            assertThat(next).as(answer.toString()).isEqualTo(expected);
            if (!answer.isNowAmbiguous()) {
                assertThat(crontab.isDue(answer.lastRun, answer.now).isDue())
                        .as(answer.toString())
                        .isEqualTo(answer.isDue);
            }
            if (answer.isDue && !losesDays(answer, answer.now)) {
                assertThat(crontab.nextLocal(answer.local(answer.now), today))
                        .as(answer.toString())
                        .isEqualTo(answer.local(answer.now).plusSeconds(answer.following));
            }
        }

        assertThat(answers).hasSize(8000);
        assertThat(lost).isLessThan(400);
    }

    /// A defect of Celery (docs/decisions/0013): where it is tomorrow already in Greenwich, it
    /// takes tomorrow for past, and goes on to the next month.
    private static boolean losesDays(Answer answer, Instant lastRun) {
        var fields = answer.text.split(" ", -1);
        return LocalDate.ofInstant(lastRun, ZoneOffset.UTC)
                        .isAfter(answer.local(lastRun).toLocalDate())
                && !(fields[2].equals("*") && fields[3].equals("*"));
    }

    @Test
    void intervalsEndWhenCelerysDo() throws IOException {
        var answers = answers("interval", "relative");
        for (var answer : answers) {
            var interval = Interval.of(Duration.ofSeconds(Long.parseLong(answer.text)));
            var schedule = answer.kind.equals("relative") ? interval.rounded() : interval;
            var due = schedule.isDue(answer.lastRun, answer.now);

            assertThat(schedule.remaining(answer.lastRun, answer.now).toSeconds())
                    .as(answer.toString())
                    .isEqualTo(answer.remaining);
            assertThat(due.isDue()).as(answer.toString()).isEqualTo(answer.isDue);
            if (answer.isDue && answer.kind.equals("interval")) {
                assertThat(due.next().toSeconds()).isEqualTo(answer.following);
            }
        }

        assertThat(answers).hasSize(1500);
    }

    @Test
    void theSunStandsWhereEphemSeesIt() throws IOException {
        var answers = answers("solar");
        for (var answer : answers) {
            var fields = answer.text.split(" ", -1);
            var solar =
                    Schedule.solar(
                            Solar.Event.parse(fields[0]),
                            Double.parseDouble(fields[1]),
                            Double.parseDouble(fields[2]));
            var remaining = solar.remaining(answer.lastRun, answer.now).toSeconds();

            assertThat(remaining).as(answer.toString()).isCloseTo(answer.remaining, within(120L));
        }

        assertThat(answers).hasSize(500);
    }
}
