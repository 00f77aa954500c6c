package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeatTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final AtomicInteger DATABASES = new AtomicInteger(900);

    private static final String TICKER =
            """
            import dev.muster.queue.Task;
            import dev.muster.queue.schedule.Scheduled;

            class Ticker {
                @Task
                @Scheduled(every = "1s")
                static void tick() {
                    System.out.println("tick");
                }
            }
            """;

    @TempDir private Path folder;

    /// Notes for each time of the schedule which task it was.
    static final class Notes {
        private final Map<Instant, String> ids = new ConcurrentSkipListMap<>();
        private final List<String> doubles = new ArrayList<>();

        @Task(name = "tick")
        void tick(TaskContext task) {
            var time = String.valueOf(task.headers().get("scheduled_at")).replace("+00:00", "Z");
            var other = ids.putIfAbsent(Instant.parse(time), task.id());
            if (other != null && !other.equals(task.id())) {
                synchronized (doubles) {
                    doubles.add(time);
                }
            }
        }

        /// Each second from the first to the last has had its run, and one run only.
        void assertComplete() {
            var times = new TreeMap<>(ids);
            assertThat(doubles).isEmpty();
            assertThat(times)
                    .hasSize(
                            (int) Duration.between(times.firstKey(), times.lastKey()).toSeconds()
                                    + 1);
        }

        void awaitMore(int count) {
            var before = ids.size();
            await().atMost(PATIENCE).until(() -> ids.size() >= before + count);
        }
    }

    private MusterProcess beat(String url, String... options) {
        var words = new ArrayList<>(List.of("beat", "-b", url, "--set", "beat_lease=2s"));
        words.addAll(List.of(options));
        return MusterProcess.start(folder, words.toArray(String[]::new));
    }

    /// An entry for each second, and beats that send it while a worker notes its times.
    private void withBeats(String url, String place, Scenario scenario) throws Exception {
        var notes = new Notes();
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT)
                                .brokerUrl(url)
                                .register(notes)
                                .build();
                var _ = muster.worker().start()) {
            var added =
                    Cli.run(
                            "schedule",
                            "add",
                            "ticks",
                            "tick",
                            "--every",
                            "1s",
                            "--missed",
                            "all",
                            "-s",
                            place);
            assertThat(added.status()).as(added.err()).isZero();
            try (var first = beat(url, "-s", place)) {
                notes.awaitMore(2);
                try (var second = beat(url, "-s", place)) {
                    second.awaitOutput("standing by");
                    scenario.run(notes, first, second);
                }
            }
        }
        notes.assertComplete();
    }

    @FunctionalInterface
    private interface Scenario {
        void run(Notes notes, MusterProcess leader, MusterProcess other) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(strings = {"a file", "SQLite", "Redis"})
    void whenTheBeatIsKilledAnotherTakesOverAndEachRunIsSentOnce(String store) throws Exception {
        var url = Servers.redis().url(DATABASES.incrementAndGet());
        var place =
                switch (store) {
                    case "Redis" -> url;
                    case "SQLite" -> "sqlite:" + folder.resolve("schedule.db");
                    default -> folder.resolve("schedule.json").toString();
                };
        withBeats(
                url,
                place,
                (notes, leader, other) -> {
                    leader.signal("KILL");
                    other.awaitOutput("taking over");
                    notes.awaitMore(3);
                });
    }

    @Test
    void aBeatThatWasPausedAndReplacedSendsNothingMore() throws Exception {
        var url = Servers.redis().url(DATABASES.incrementAndGet());
        withBeats(
                url,
                url,
                (notes, paused, other) -> {
                    paused.signal("STOP");
                    other.awaitOutput("taking over");
                    notes.awaitMore(3);
                    paused.signal("CONT");
                    paused.awaitOutput("standing by");
                    notes.awaitMore(3);
                    other.signal("TERM");
                    assertThat(other.awaitExit()).isZero();
                    notes.awaitMore(3);
                });
    }

    @Test
    void theScheduleIsChangedFromTheCommandLine() {
        var place = folder.resolve("schedule.json").toString();
        assertThat(Cli.run("schedule", "list", "-s", place).out()).startsWith("no entries in ");

        var added =
                Cli.run(
                        "schedule",
                        "add",
                        "nightly",
                        "Reports.make",
                        "full",
                        "3",
                        "--cron",
                        "0 4 * * mon",
                        "--timezone",
                        "Europe/Berlin",
                        "--queue",
                        "slow",
                        "-s",
                        place);
        assertThat(added.out()).isEqualToIgnoringNewLines("nightly is added");
        assertThat(added.status()).isZero();
        assertThat(Cli.run("schedule", "list", "-s", place).out())
                .startsWith(
                        "nightly: Reports.make, 0 4 * * mon Europe/Berlin; sent 0 times, there since ")
                .contains("; next ");
        assertThat(Cli.run("schedule", "pause", "nightly", "-s", place).status()).isZero();
        assertThat(Cli.run("schedule", "list", "--json", "-s", place).out())
                .contains(
                        "\"name\": \"nightly\"",
                        "\"task\": \"Reports.make\"",
                        "\"paused\": true",
                        "\"next_run_at\": null");
        assertThat(Cli.run("schedule", "resume", "nightly", "-s", place).status()).isZero();
        assertThat(Cli.run("schedule", "remove", "nightly", "-s", place).status()).isZero();
        assertThat(Cli.run("schedule", "list", "-s", place).out()).startsWith("no entries in ");

        var unknown = Cli.run("schedule", "pause", "nightly", "-s", place);
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).contains("there is no entry 'nightly'");
        var wrong = Cli.run("schedule", "add", "x", "t", "--cron", "99 * * * *", "-s", place);
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("99 is not from 0 to 59");
        assertThat(Cli.run("schedule", "add", "x", "t", "-s", place).status()).isEqualTo(2);
    }

    @Test
    void aWorkerWithABeatNeedsNoOther() throws Exception {
        Cli.write(folder, "Ticker.java", TICKER);
        try (var worker =
                MusterProcess.start(
                        folder, "worker", "-A", "Ticker.java", "-B", "-b", "sqlite:queue.db")) {
            worker.awaitOutput("Scheduler: Sending due task Ticker.tick (Ticker.tick)");
            worker.awaitOutput("tick\n");
            worker.signal("TERM");

            assertThat(worker.awaitExit()).isZero();
        }
        assertThat(folder.resolve(".muster/schedule.json")).exists();
    }

    @Test
    void theFileWithTheProcessNumberIsThereWhileItRunsAndKeepsASecondOneAway() throws Exception {
        Cli.write(folder, "Ticker.java", TICKER);
        var file = folder.resolve("beat.pid");
        Files.writeString(file, "999999999\n");
        try (var beat = beat("sqlite:queue.db", "-A", "Ticker.java", "--pidfile", "beat.pid")) {
            beat.awaitOutput(". Ticker.tick: Ticker.tick, every 1 s");
            try (var second = beat("sqlite:queue.db", "--pidfile", "beat.pid")) {
                assertThat(second.awaitExit()).isEqualTo(1);
                assertThat(second.output()).contains("runs already, as process");
            }
            beat.signal("TERM");
            assertThat(beat.awaitExit()).isZero();
        }
        assertThat(file).doesNotExist();
    }
}
