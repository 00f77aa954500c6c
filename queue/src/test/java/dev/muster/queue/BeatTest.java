package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.codec.Json;
import dev.muster.queue.schedule.Crontab;
import dev.muster.queue.schedule.FileScheduleStore;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.schedule.Scheduled;
import dev.muster.queue.schedule.Solar;
import dev.muster.queue.spi.ScheduleStoreException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BeatTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    static class Reports {
        @Task(queue = "slow")
        @Scheduled(
                crontab = "0 4 * * mon-fri",
                timezone = "Europe/Berlin",
                missed = MissedRuns.SKIP)
        static void make(TaskContext context, @Default("full") String kind) {}

        @Task(name = "ping")
        @Scheduled(name = "alive", every = "30s", jitter = "5s")
        static void ping() {}
    }

    static class NeedsArguments {
        @Task
        @Scheduled(every = "1m")
        static void mail(String address) {}
    }

    static class Undecided {
        @Task
        @Scheduled(every = "1m", crontab = "* * * * *")
        static void run() {}
    }

    private static List<ScheduleEntry> entries(
            Map<String, Object> beatSchedule, Class<?>... tasks) {
        try (var muster =
                Muster.builder()
                        .settings(Settings.DEFAULT)
                        .brokerUrl("memory:")
                        .set("beat_schedule", beatSchedule)
                        .tasks(tasks)
                        .build()) {
            return List.copyOf(muster.beat().entries());
        }
    }

    @Test
    void anAnnotatedTaskIsAnEntry() {
        assertThat(entries(Map.of(), Reports.class))
                .containsExactlyInAnyOrder(
                        ScheduleEntry.of(
                                        "BeatTest.Reports.make",
                                        Crontab.parse("0 4 * * mon-fri")
                                                .zone(ZoneId.of("Europe/Berlin")),
                                        call("BeatTest.Reports.make"))
                                .withMissed(MissedRuns.SKIP),
                        ScheduleEntry.of(
                                        "alive",
                                        Schedule.every(Duration.ofSeconds(30)),
                                        call("ping"))
                                .withJitter(Duration.ofSeconds(5)));
    }

    @Test
    void anAnnotationThatCannotBeMeantIsRefused() {
        assertThatThrownBy(() -> entries(Map.of(), NeedsArguments.class))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("called without arguments");
        assertThatThrownBy(() -> entries(Map.of(), Undecided.class))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("either every or crontab");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    30                                                    | every 30 s
                    0.5                                                   | every 0.5 s
                    '"10m"'                                               | every 600 s
                    '{"every": "1h", "relative": true}'                   | every 3600 s, relative
                    '"*/5 4 * * mon"'                                     | */5 4 * * mon
                    '{"crontab": "0 4 1 * *"}'                            | 0 4 1 * *
                    '{"minute": 0, "hour": [4, 5], "day_of_week": "fri"}' | 0 4,5 * * fri
                    '{"solar": "sunset", "latitude": 1, "longitude": 2}'  | sunset at 1.0, 2.0
                    """)
    void aScheduleOfTheSettingsIsReadAsCelerysAndSomeMore(String json, String schedule) {
        var plain = new Json(false).read(json);

        assertThat(entries(Map.of("e", Map.of("task", "t", "schedule", plain))))
                .singleElement()
                .satisfies(entry -> assertThat(entry.schedule()).hasToString(schedule));
    }

    @Test
    void anEntryOfTheSettingsHasArgumentsAndOptionsAndReplacesAnAnnotatedOne() {
        var entries =
                entries(
                        Map.of(
                                "alive",
                                Map.of(
                                        "task",
                                        "mail.send",
                                        "schedule",
                                        60,
                                        "relative",
                                        true,
                                        "args",
                                        List.of(1, "b"),
                                        "kwargs",
                                        Map.of("k", true),
                                        "options",
                                        Map.of("queue", "q", "expires", 30),
                                        "missed",
                                        "all",
                                        "jitter",
                                        "2s")),
                        Reports.class);

        assertThat(entries)
                .hasSize(2)
                .contains(
                        ScheduleEntry.of(
                                        "alive",
                                        Schedule.every(Duration.ofMinutes(1)).rounded(),
                                        call("mail.send", 1, "b")
                                                .kwarg("k", true)
                                                .queue("q")
                                                .expires(Duration.ofSeconds(30)))
                                .withMissed(MissedRuns.ALL)
                                .withJitter(Duration.ofSeconds(2)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"task": "t"}                                       | 'schedule' is missing
                    {"schedule": 3}                                     | 'task' should be text
                    {"task": "t", "schedule": 3, "arg": []}             | did you mean 'args'
                    {"task": "t", "schedule": "0 4 * *"}                | five fields
                    {"task": "t", "schedule": "soon"}                   | expected seconds
                    {"task": "t", "schedule": 0}                        | an interval must be > 0
                    {"task": "t", "schedule": {}}                       | a schedule is a number of seconds
                    {"task": "t", "schedule": {"minutes": 3}}           | no 'minutes' beside
                    {"task": "t", "schedule": {"solar": "dawn"}}        | no event of the sun
                    {"task": "t", "schedule": {"every": 3, "timezone": "Mars"}} | no time zone
                    {"task": "t", "schedule": 3, "missed": "twice"}     | 'once', 'all'
                    """)
    void anEntryThatMakesNoSenseIsRefusedByItsName(String json, String reason) {
        var plain = new Json(false).read(json);

        assertThatThrownBy(() -> entries(Map.of("nightly", plain)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("beat_schedule: entry 'nightly': ")
                .hasMessageContaining(reason);
    }

    @Test
    void anEntryAndItsPastSurviveTheStore() {
        for (var schedule :
                List.of(
                        Schedule.every(Duration.ofDays(400)).rounded(),
                        Schedule.every(Duration.ofMillis(1500)).withDefaultZone(ZoneOffset.UTC),
                        Schedule.crontab("*/5 4 * * mon").zone(ZoneId.of("Asia/Tokyo")),
                        Schedule.solar(Solar.Event.DUSK_CIVIL, -1.5, 170))) {
            var entry =
                    ScheduleEntry.of(
                                    "é",
                                    schedule,
                                    call("t", 1L, "b").kwarg("k", 2.5).queue("q").priority(3))
                            .withMissed(MissedRuns.ALL)
                            .withJitter(Duration.ofMillis(2500));
            var stored =
                    StoredEntry.first(entry, true, NOON).begun(NOON.plusNanos(123_000)).paused();

            assertThat(EntryFormat.read(stored.toRecord())).isEqualTo(stored);
        }
    }

    /// A beat whose only entry has been due for an hour.
    private Beat dueBeat(Muster muster, Signature<?> call) {
        var entry = ScheduleEntry.of("e", Schedule.every(Duration.ofHours(10)), call);
        var stored = StoredEntry.first(entry, false, Instant.now().minus(Duration.ofHours(11)));
        try (var store = new FileScheduleStore(folder.resolve("schedule.json"))) {
            assertThat(store.write(stored.toRecord(), Optional.empty())).isPresent();
        }
        return muster.beat().start();
    }

    private Muster muster(String brokerUrl) {
        return Muster.builder()
                .settings(Settings.DEFAULT)
                .brokerUrl(brokerUrl)
                .set("beat_schedule_filename", folder.resolve("schedule.json").toString())
                .set("task_publish_retry", false)
                .build();
    }

    private static ScheduledTask only(Muster muster) {
        try (var schedules = muster.schedules()) {
            return schedules.list().getFirst();
        }
    }

    @Test
    void whatIsDueWhileTheBrokerIsAwayIsSentOnceWhenItIsBack() {
        try (var muster = muster("faulty:")) {
            var broker = (FaultyBroker) muster.broker();
            broker.setAway(true);
            try (var _ = dueBeat(muster, call("t"))) {
                await().atMost(PATIENCE).until(() -> broker.refusals() >= 2);
                broker.setAway(false);
                await().atMost(PATIENCE).until(() -> muster.queueLength("celery") == 1);
            }

            assertThat(only(muster).totalRunCount()).isEqualTo(1);
            assertThat(muster.queueLength("celery")).isEqualTo(1);
        }
    }

    @Test
    void whatWasBeingSentWhenABeatDiedIsSentAgainWithTheSameId() {
        var entry = ScheduleEntry.of("e", Schedule.every(Duration.ofHours(10)), call("t"));
        var begun = StoredEntry.first(entry, true, Instant.now()).begun(Instant.now());
        try (var store = new FileScheduleStore(folder.resolve("schedule.json"))) {
            assertThat(store.write(begun.toRecord(), Optional.empty())).isPresent();
        }

        try (var muster = muster("memory:");
                var _ = muster.beat().add(entry).start()) {
            await().atMost(PATIENCE).until(() -> muster.queueLength("celery") == 1);
            var queue = muster.queueDirectory().named("celery");
            try (var consumer = muster.broker().consume(List.of(queue), 0)) {
                var message = consumer.take(1, PATIENCE).getFirst().message();
                assertThat(message.headers()).containsEntry("id", begun.pending().orElseThrow());
            }
        }
    }

    @Test
    void whatCannotBeSentAtAllDoesNotStopTheRest() {
        try (var muster = muster("memory:");
                var _ = dueBeat(muster, call("t").serializer("morse"))) {
            try (var schedules = muster.schedules()) {
                await().atMost(PATIENCE)
                        .until(() -> schedules.list().getFirst().totalRunCount() == 1);
                assertThat(schedules.list().getFirst().nextRunAt().orElseThrow())
                        .isAfter(Instant.now());
            }
            assertThat(muster.queueLength("celery")).isZero();
        }
    }

    @Test
    void aFileThatIsNoScheduleIsNotOverwritten() throws IOException {
        var file = folder.resolve("schedule.json");
        Files.writeString(file, "{\"mine\": 1}");
        try (var store = new FileScheduleStore(file)) {
            assertThatThrownBy(() -> store.lead("a", PATIENCE))
                    .isInstanceOf(ScheduleStoreException.class)
                    .hasMessageContaining("delete it to begin anew");
        }
        assertThat(file).hasContent("{\"mine\": 1}");
    }

    @Test
    void aRunOfACrontabThatIsLaterThanTheDeadlineIsLeftOut() {
        var planner = new Planner(ZoneOffset.UTC, Optional.of(Duration.ofMinutes(10)));
        var hourly =
                StoredEntry.first(
                        ScheduleEntry.of("e", Schedule.crontab("0 * * * *"), call("t")),
                        true,
                        NOON);

        assertThat(planner.plan(hourly, NOON.plusSeconds(7200 + 600)).time())
                .isEqualTo(NOON.plusSeconds(7200));
        assertThat(planner.plan(hourly, NOON.plusSeconds(7200 + 601)).time())
                .isEqualTo(NOON.plusSeconds(10_800));
    }

    @Test
    void anIntervalDoesNotDriftWhenABeatIsALittleLate() {
        var planner = Beat.planner(Settings.DEFAULT);
        var entry = ScheduleEntry.of("e", Schedule.every(Duration.ofMinutes(1)), call("t"));
        var stored = StoredEntry.first(entry, true, NOON);

        assertThat(planner.plan(stored, NOON.plusMillis(60_400)).time())
                .isEqualTo(NOON.plusSeconds(60));
        assertThat(planner.plan(stored, NOON.plusSeconds(90)).time())
                .isEqualTo(NOON.plusSeconds(90));
    }

    @Test
    void crontabsAreMeantInTheTimeZoneOfTheSettings() {
        var planner = Beat.planner(Settings.DEFAULT.with("timezone", "Europe/Berlin"));
        var entry = ScheduleEntry.of("e", Schedule.crontab("0 4 * * *"), call("t"));

        assertThat(planner.plan(StoredEntry.first(entry, true, NOON), NOON).time())
                .isEqualTo("2030-01-02T03:00:00Z");
        assertThatThrownBy(() -> Beat.planner(Settings.DEFAULT.with("timezone", "Berlin")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("timezone: 'Berlin' is no time zone");
    }

    @Test
    void settingsThatCannotWorkAreRefusedBeforeABeatRuns() {
        var settings = Settings.DEFAULT.with("broker_url", "memory:");
        try (var tooShort = Muster.builder().settings(settings.with("beat_lease", "0.5")).build();
                var rabbit =
                        Muster.builder()
                                .settings(settings.with("beat_schedule_store", "amqp://"))
                                .build()) {
            assertThatThrownBy(() -> tooShort.beat().start())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("beat_lease must be at least a second");
            assertThatThrownBy(() -> rabbit.beat().start())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("RabbitMQ keeps no schedules");
            assertThatThrownBy(() -> tooShort.beat().maxInterval(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void settingsOfCeleryWithoutMeaningAreRefusedWithTheReason() {
        assertThatThrownBy(
                        () -> Settings.DEFAULT.with("beat_scheduler", "redbeat.RedBeatScheduler"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("beat_schedule_store");
    }

    @Test
    void itIsReadyWhileItCanKeepItsScheduleAndOtherwiseSaysWhyNot() throws Exception {
        var notAFolder = Files.createFile(folder.resolve("taken"));
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT)
                                .brokerUrl("memory:")
                                .set("beat_schedule_filename", notAFolder.resolve("s.json"))
                                .build();
                var beat = muster.beat().start()) {
            await().atMost(PATIENCE).until(() -> beat.health().state() == Health.State.WAITING);
            assertThat(beat.health().reason()).contains("taken");
            assertThat(beat.health().isAlive()).isTrue();

            Files.delete(notAFolder);
            await().atMost(PATIENCE).until(() -> beat.health().isReady());
            beat.stop();
            assertThat(beat.awaitStopped(PATIENCE)).isTrue();
            assertThat(beat.health().isAlive()).isFalse();
        }
    }
}
