package dev.muster.queue.schedule;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.ScheduleStoreException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When tasks run, in the words of people and in files.
class ScheduleFuzzTest {
    private static final Instant NOW = Instant.parse("2026-03-13T14:15:16Z");
    private static final Json JSON = new Json(true);

    private static void use(Schedule schedule) {
        var _ = schedule.toString();
        try {
            var next = schedule.withDefaultZone(ZoneOffset.UTC).next(NOW, NOW);
            if (next.isBefore(NOW)) {
                throw new IllegalStateException(next + " is in the past");
            }
        } catch (DateTimeException _) {
            // It never runs, or after the end of time.
        }
        ScheduleFormat.read(ScheduleFormat.write(schedule));
    }

    @FuzzTest
    void crontabs() {
        Fuzzer.of("crontabs")
                .seeds("* * * * *", "*/15 4,5 1-7 jan-mar mon", "0 0 29 2 *", "30 22-2/2 * * sun")
                .refusing(IllegalArgumentException.class)
                .runText(text -> use(Crontab.parse(text)));
    }

    @FuzzTest
    void schedules() {
        Fuzzer.of("schedules")
                .seeds(
                        "30",
                        "1.5",
                        "\"10m\"",
                        "\"0 4 * * mon\"",
                        "{\"every\": \"10m\", \"relative\": true, \"timezone\": \"Europe/Berlin\"}",
                        "{\"crontab\": \"0 4 * * mon\", \"timezone\": \"UTC\"}",
                        "{\"minute\": 0, \"hour\": [4, 5], \"day_of_week\": \"mon-fri\"}",
                        "{\"solar\": \"sunset\", \"latitude\": 52.5, \"longitude\": 13.4}",
                        "{\"every\": {\"__type__\": \"decimal\", \"__value__\": \"2.5\"}}")
                .refusing(DecodeException.class)
                .refusing(IllegalArgumentException.class)
                .run(input -> {
                    var plain = JSON.read(input);
                    if (plain != null) {
                        use(ScheduleFormat.read(plain));
                    }
                });
    }

    @FuzzTest
    void files(@TempDir Path folder) {
        var file = folder.resolve("schedule.json");
        var store = new FileScheduleStore(file);
        Fuzzer.of("files of schedules")
                .seeds(
                        "{\"revision\": 2, \"entries\": {\"nightly\": {\"version\": 1, \"entry\": {\"task\": \"a\", \"schedule\": {\"every\": \"1s\"}}}}}")
                .refusing(ScheduleStoreException.class)
                .run(input -> {
                    Files.write(file, input);
                    Objects.requireNonNull(store.read());
                });
    }

    /// Found once.
    @Test
    void aNumberThatNoJsonHasMakesAFileUnreadable(@TempDir Path folder) throws IOException {
        var file = folder.resolve("schedule.json");
        Files.writeString(
                file,
                "{\"revision\": 1, \"entries\": {\"a\": {\"version\": 1, \"entry\": {\"b\": 1e999}}}}");

        assertThatExceptionOfType(ScheduleStoreException.class)
                .isThrownBy(() -> new FileScheduleStore(file).read())
                .withMessageContaining("Infinity");
    }

    /// Found once: it has a thousand million digits.
    @Test
    void noDurationHasAsManySecondsAsTheMemoryDoesNotHold() {
        var every = Map.of("every", new BigDecimal("1E999999999"));

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> ScheduleFormat.read(every))
                .withMessageContaining("no duration");
    }

    /// Found once.
    @Test
    void anEntryWithoutANameMakesAFileUnreadable(@TempDir Path folder) throws IOException {
        var file = folder.resolve("schedule.json");
        Files.writeString(
                file, "{\"revision\": 1, \"entries\": {\"\": {\"version\": 1, \"entry\": {}}}}");

        assertThatExceptionOfType(ScheduleStoreException.class)
                .isThrownBy(() -> new FileScheduleStore(file).read())
                .withMessageContaining("needs a name");
    }
}
