package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.status.Status;
import dev.muster.queue.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogTest {
    private static final String TALKER =
            """
            import dev.muster.queue.Task;
            import org.slf4j.*;

            class Talker {
                private static final Logger LOG = LoggerFactory.getLogger(Talker.class);

                @Task
                static void talk(String what) {
                    System.out.println("printed " + what);
                    LOG.error("said {}", what, new IllegalStateException("as an example"));
                }
            }
            """;

    @TempDir private Path folder;

    private MusterProcess worker(String... options) {
        Cli.write(folder, "Talker.java", TALKER);
        var words = List.of("worker", "-A", "Talker.java", "-c1", "-b", "sqlite:queue.db");
        return MusterProcess.start(
                folder,
                Stream.concat(words.stream(), List.of(options).stream()).toArray(String[]::new));
    }

    private String send(String what) {
        return Cli.run("call", "Talker.talk", what, "-b", "sqlite:" + folder.resolve("queue.db"))
                .out()
                .strip();
    }

    private static List<Map<String, Object>> objects(String log) {
        return log.lines().map(LogTest::object).toList();
    }

    private static Map<String, Object> object(String line) {
        var fields = new TreeMap<String, Object>();
        if (new Json(false).read(line) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> fields.put(String.valueOf(name), value));
        }
        return fields;
    }

    private static String text(Map<String, Object> fields, String name) {
        return String.valueOf(fields.get(name));
    }

    private String read(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            return "";
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"virtual", "threads", "processes"})
    void everyLineOfATaskHasItsIdsInJson(String pool) throws Exception {
        try (var worker = worker("-P", pool, "--log-format", "json", "-f", "logs/w.log")) {
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> read("logs/w.log").contains("ready."));
            var id = send("a \"quoted\"\nline");
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> read("logs/w.log").contains("succeeded in"));
            worker.signal("TERM");
            assertThat(worker.awaitExit()).isZero();

            var lines = objects(read("logs/w.log"));
            assertThat(lines)
                    .allSatisfy(line ->
                            assertThat(line)
                                    .containsKeys(
                                            "timestamp",
                                            "level",
                                            "logger",
                                            "thread",
                                            "pid",
                                            "message"));
            var said =
                    lines.stream()
                            .filter(line -> text(line, "logger").equals("Talker"))
                            .findFirst()
                            .orElseThrow();
            assertThat(said.get("message")).isEqualTo("said a \"quoted\"\nline");
            assertThat(said.get("level")).isEqualTo("ERROR");
            assertThat(said.get("task_id")).isEqualTo(id);
            assertThat(said.get("root_id")).isEqualTo(id);
            assertThat(said.get("task_name")).isEqualTo("Talker.talk");
            assertThat(text(said, "exception")).contains("as an example", "\tat ");
            assertThat(text(said, "pid").equals(Long.toString(worker.pid())))
                    .isEqualTo(!pool.equals("processes"));
            var ofWorker = lines.stream().filter(line -> text(line, "message").contains(id));
            assertThat(ofWorker)
                    .hasSizeGreaterThanOrEqualTo(2)
                    .allSatisfy(line -> assertThat(line.get("task_id")).isEqualTo(id));
            assertThat(text(lines.getLast(), "message")).contains("warm shutdown");
            assertThat(lines.getLast().containsKey("task_id")).isFalse();
        }
    }

    @Test
    void inTextATasksOwnLinesNameIt() throws Exception {
        try (var worker = worker("-P", "processes", "-f", "w.log")) {
            await().atMost(Duration.ofSeconds(90)).until(() -> read("w.log").contains("ready."));
            var id = send("it");
            // What children print comes by a way of its own.
            await().atMost(Duration.ofSeconds(90))
                    .until(() ->
                            read("w.log").contains("succeeded in")
                                    && read("w.log").contains("as an example")
                                    && read("w.log").contains("printed it"));

            assertThat(read("w.log"))
                    .containsPattern(
                            "\\[task process 1] \\[.*ERROR/main] Talker.talk\\["
                                    + id
                                    + "]: said it")
                    .contains("[task process 1] printed it")
                    .containsPattern("INFO/[^]]+] Task Talker.talk\\[" + id + "] received");
            assertThat(worker.output()).contains("[queues]").doesNotContain("ready.");
        }
    }

    @Test
    void withoutAFileJsonIsAllThatIsPrinted() throws Exception {
        try (var worker = worker("--log-format", "json")) {
            worker.awaitOutput("ready.");
            worker.signal("TERM");
            assertThat(worker.awaitExit()).isZero();

            assertThat(text(objects(worker.output()).getFirst(), "message")).contains("[queues]");
        }
    }

    /// @return what logback says of itself
    private static List<Status> log(LogFile file, int lines) {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var logger = context.getLogger("test");
        logger.setLevel(Level.INFO);
        logger.addAppender(
                LogConfigurator.started(file.appender(context), context, LogFormat.TEXT));
        for (var number = 0; number < lines; number++) {
            logger.info("{} {}", number, "x".repeat(100));
        }
        var said = context.getStatusManager().getCopyOfStatusList();
        context.stop();
        return said;
    }

    private List<String> files() throws IOException {
        try (var all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void anotherFileIsBegunWhenThisOneIsLargeAndNoLineIsLost() throws Exception {
        var said =
                log(
                        new LogFile(
                                folder.resolve("w.log"),
                                new LogFile.Rotation.Daily(Optional.of(4096L), 7)),
                        100);

        assertThat(files())
                .as("%s", said)
                .hasSizeGreaterThan(2)
                .allMatch(name -> name.startsWith("w.log"));
        var lines = 0;
        for (var name : files()) {
            assertThat(Files.size(folder.resolve(name))).isLessThan(5000);
            lines += read(name).lines().toList().size();
        }
        assertThat(lines).isEqualTo(100);
    }

    @Test
    void anotherFileIsBegunEachDayAndOldOnesGo() throws Exception {
        var zone = ZoneId.systemDefault();
        var today = LocalDate.ofInstant(Instant.now(), zone);
        Cli.write(folder, "w.log", "of yesterday\n");
        Files.setLastModifiedTime(
                folder.resolve("w.log"),
                FileTime.from(today.atStartOfDay(zone).minusHours(2).toInstant()));
        Cli.write(folder, "w.log." + today.minusDays(5), "long ago\n");

        log(
                new LogFile(
                        folder.resolve("w.log"), new LogFile.Rotation.Daily(Optional.empty(), 3)),
                1);

        assertThat(read("w.log." + today.minusDays(1))).isEqualTo("of yesterday\n");
        assertThat(read("w.log")).contains("INFO").doesNotContain("yesterday");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(files())
                                .containsExactly("w.log", "w.log." + today.minusDays(1)));
    }

    @Test
    void aFullDiskIsToldOfOnStandardError() throws Exception {
        try (var worker = worker("-f", "/dev/full")) {
            worker.awaitOutput("muster: log: IO failure while writing to file [/dev/full]");
            worker.awaitOutput("No space left on device");
            assertThat(send("it")).isNotEmpty();
            worker.awaitOutput("printed it");
            worker.signal("TERM");
            assertThat(worker.awaitExit()).isZero();
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        Cli.write(folder, "Talker.java", TALKER);
        var app = folder.resolve("Talker.java").toString();
        var noFile = Cli.run("worker", "-A", app, "--log-rotate", "daily");
        assertThat(noFile.status()).isEqualTo(2);
        assertThat(noFile.err()).contains("need a --logfile");
        var noSize = Cli.run("worker", "-A", app, "-f", folder + "/x.log", "--log-rotate", "often");
        assertThat(noSize.status()).isEqualTo(2);
        assertThat(noSize.err()).contains("'daily', or a size such as", "'often'");
        var noPlace = Cli.run("worker", "-A", app, "-f", folder.toString());
        assertThat(noPlace.status()).isEqualTo(1);
        assertThat(noPlace.err()).contains(folder + " cannot be written");
    }
}
