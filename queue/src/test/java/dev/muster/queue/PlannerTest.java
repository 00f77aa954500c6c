package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static java.time.Instant.EPOCH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.schedule.Crontab;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.schedule.Solar;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Random schedules, looked at after random pauses, on the days on which the clock is set.
class PlannerTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final List<Instant> STARTS =
            List.of(
                    Instant.parse("2030-03-30T21:00:00Z"),
                    Instant.parse("2030-10-26T20:00:00Z"),
                    Instant.parse("2030-12-31T20:00:00Z"));

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private Schedule schedule() {
        var minutes = 1 + random.nextInt(90);
        return switch (random.nextInt(3)) {
            case 0 -> Schedule.every(Duration.ofMinutes(minutes));
            case 1 -> Schedule.every(Duration.ofMinutes(minutes)).rounded();
            default ->
                    Crontab.EVERY_MINUTE
                            .minute(random.nextInt(60) + ",*/" + (5 + random.nextInt(50)))
                            .hour(random.nextBoolean() ? "*" : "22-5");
        };
    }

    /// Its jitter takes the last run of a day over midnight, when Celery leaves out the rest of an
    /// hour.
    @Test
    void aRunIsNotLostWhenItsJitterCrossesMidnight() {
        for (var n = 0; n < 100; n++) {
            var entry =
                    ScheduleEntry.of("e" + n, Schedule.crontab("58,59 23 * * *"), call("t"))
                            .withJitter(Duration.ofMinutes(10));
            var planner = new Planner(ZoneOffset.UTC, Optional.empty());
            var begin = Instant.parse("2030-01-01T23:58:00Z");
            var first = StoredEntry.first(entry, true, begin);
            planner.add(first, begin);
            var due = planner.next().orElseThrow();

            assertThat(planner.poll(due).map(Planner.Run::time))
                    .as(entry.name())
                    .contains(begin.plusSeconds(60));
        }
    }

    /// The times for which it is sent, looked at now and then for twelve hours.
    private List<Instant> runs(StoredEntry first) {
        var planner = new Planner(BERLIN, Optional.empty());
        var now = first.lastRun();
        var end = now.plus(Duration.ofHours(12));
        planner.add(first, now);
        var times = new ArrayList<Instant>();
        while (now.isBefore(end)) {
            now = now.plusSeconds(random.nextInt(1800));
            for (var run = planner.poll(now); run.isPresent(); run = planner.poll(now)) {
                assertThat(run.get().due()).isBeforeOrEqualTo(now);
                if (first.entry().missed() == MissedRuns.SKIP) {
                    assertThat(run.get().due()).isAfterOrEqualTo(now.minusSeconds(60));
                }
                times.add(run.get().time());
                planner.add(run.get().entry().begun(run.get().time()).sent(), now);
            }
            assertThat(planner.next().orElseThrow()).isAfter(now);
        }
        return times;
    }

    @ParameterizedTest
    @EnumSource(MissedRuns.class)
    void noTimeComesTwiceAndWithAllNoneIsLeftOut(MissedRuns missed) {
        for (var round = 0; round < 300; round++) {
            var start = STARTS.get(random.nextInt(STARTS.size()));
            var schedule = schedule();
            var entry =
                    ScheduleEntry.of("e" + round, schedule, call("t"))
                            .withMissed(missed)
                            .withJitter(Duration.ofSeconds(random.nextInt(2) * 50L));
            var times = runs(StoredEntry.first(entry, true, start));
            var name = "seed %d, round %d, %s".formatted(seed, round, entry);

            assertThat(times).as(name).doesNotHaveDuplicates().isSorted();
            if (missed != MissedRuns.SKIP) {
                assertThat(times).as(name).hasSizeGreaterThan(3);
            }
            if (missed == MissedRuns.ALL) {
                var zoned = schedule.withDefaultZone(BERLIN);
                var expected = new ArrayList<Instant>();
                for (var time = zoned.next(start, start);
                        !time.isAfter(times.getLast());
                        time = zoned.next(time, time)) {
                    expected.add(time);
                }
                assertThat(times).as(name).isEqualTo(expected);
            }
        }
    }

    /// Runs are skipped without being counted when they are many.
    @Test
    void afterALongTimeTheRunsAreThoseThatCountingFinds() {
        var planner = new Planner(BERLIN, Optional.empty());
        var now = Instant.parse("2030-11-01T12:34:56Z");
        var schedules =
                List.of(
                        Schedule.every(Duration.ofSeconds(7)),
                        Schedule.every(Duration.ofSeconds(7)).rounded(),
                        Schedule.every(Duration.ofMillis(90_500)).rounded(),
                        Schedule.every(Duration.ofMinutes(150)).rounded(),
                        Schedule.every(Duration.ofHours(36)).rounded(),
                        Schedule.every(Duration.ofDays(3)).rounded(),
                        Schedule.crontab("*/7 * * * *"),
                        Schedule.crontab("30 2 * * *"),
                        Schedule.crontab("* 5 1 * *"),
                        Schedule.solar(Solar.Event.SUNSET, 52.5, 13.4));
        for (var schedule : schedules) {
            for (var days : List.of(0, 1, 10, 400)) {
                var start = now.minus(Duration.ofDays(days)).minusSeconds(random.nextInt(80_000));
                var zoned = schedule.withDefaultZone(BERLIN);
                var counted = new ArrayList<Instant>();
                for (var time = zoned.next(start, start);
                        !time.isAfter(now);
                        time = zoned.next(time, time)) {
                    counted.add(time);
                }
                if (counted.isEmpty()) {
                    continue;
                }
                var entry = ScheduleEntry.of("e", schedule, call("t")).withMissed(MissedRuns.ALL);
                var from = Math.max(0, counted.size() - MissedRuns.LIMIT);

                assertThat(planner.plan(StoredEntry.first(entry, true, start), now).time())
                        .as("seed %d, %s, from %s", seed, schedule, start)
                        .isEqualTo(counted.get(from));
            }
        }
    }

    @Test
    void fiftyYearsOfMinutesAreNotCounted() {
        var planner = new Planner(BERLIN, Optional.empty());
        var now = Instant.parse("2030-11-01T12:34:56Z");
        for (var schedule :
                List.of(
                        Schedule.crontab("* * * * *"),
                        Schedule.every(Duration.ofMillis(1)),
                        Schedule.every(Duration.ofSeconds(1)).rounded())) {
            var entry = StoredEntry.first(ScheduleEntry.of("e", schedule, call("t")), true, EPOCH);

            assertThat(planner.plan(entry, now).time()).isBetween(now.minusSeconds(60), now);
        }
    }

    /// Rounded to seconds, half a second later would be the same time for ever.
    @Test
    void aRelativeIntervalOfLessThanASecondGoesOn() {
        var planner = new Planner(BERLIN, Optional.empty());
        var start = Instant.parse("2030-11-01T12:34:56Z");
        var entry =
                ScheduleEntry.of("e", Schedule.every(Duration.ofMillis(500)).rounded(), call("t"));

        assertThat(planner.plan(StoredEntry.first(entry, true, start), start).time())
                .isEqualTo(start.plusMillis(500));
    }
}
