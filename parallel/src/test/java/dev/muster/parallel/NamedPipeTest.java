package dev.muster.parallel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.JoinableQueueContract.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // ends are closed on purpose
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NamedPipeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir private Path folder;
    private final List<Process> processes = new ArrayList<>();

    private NamedPipe create() {
        return NamedPipe.create(folder.resolve("pipe"));
    }

    private Process shell(String script) throws IOException {
        var process =
                new ProcessBuilder("sh", "-c", script, "sh", folder.resolve("pipe").toString())
                        .start();
        processes.add(process);
        return process;
    }

    @AfterEach
    void endShells() {
        processes.forEach(Process::destroyForcibly);
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    @Test
    void aShellReadsWhatAProgramWrites() throws Exception {
        var pipe = create();
        var reader = shell("cat \"$1\"");
        try (var writer = pipe.writer(LIMIT)) {
            writer.line("grüße");
            writer.line("from " + ProcessHandle.current().pid());
            writer.bytes("no line break".getBytes(UTF_8));
        }

        assertThat(output(reader))
                .isEqualTo("grüße\nfrom %d\nno line break", ProcessHandle.current().pid());
    }

    @Test
    void aProgramReadsWhatAShellWrites() throws Exception {
        var pipe = create();
        var writer = shell("{ echo grüße; echo; echo $$; printf last; } > \"$1\"");
        try (var reader = pipe.reader(LIMIT)) {
            assertThat(reader.line(LIMIT)).contains("grüße");
            assertThat(reader.lines()).containsExactly("", "" + writer.pid(), "last");
            assertThat(reader.line(LIMIT)).isEmpty();
        }
    }

    @Test
    void linesOfSeveralWritersStayWhole() throws Exception {
        var pipe = create();
        var each = 2_000;
        var ready = new CountDownLatch(1);
        var writing =
                Waiting.start(() -> {
                    try (var writer = pipe.writer(LIMIT)) {
                        ready.await(); // so that the pipe does not end before the others come
                        for (var count = 1; count <= each; count++) {
                            writer.line("me-%d-%s".formatted(count, "y".repeat(3_000)));
                        }
                    }
                    return true;
                });
        try (var reader = pipe.reader(LIMIT)) {
            var others = new ArrayList<Process>();
            for (var number = 0; number < 3; number++) {
                others.add(
                        shell(
                                "exec > \"$1\"; echo >&2; n=1; while [ $n -le %d ]; do echo %d-$n-%s; n=$((n + 1)); done"
                                        .formatted(each, number, "x".repeat(90))));
            }
            for (var other : others) {
                assertThat(other.getErrorStream().read()).isEqualTo('\n');
            }
            ready.countDown();

            var last = new HashMap<String, Integer>();
            reader.lines()
                    .forEach(line -> {
                        var parts = line.split("-", -1);
                        var content = parts[0].equals("me") ? "y".repeat(3_000) : "x".repeat(90);
                        assertThat(parts[2]).isEqualTo(content);
                        assertThat(Integer.parseInt(parts[1]))
                                .isEqualTo(last.getOrDefault(parts[0], 0) + 1);
                        last.merge(parts[0], 1, Integer::sum);
                    });
            assertThat(last).isEqualTo(Map.of("me", each, "0", each, "1", each, "2", each));
            assertThat(writing.result()).isTrue();
        }
    }

    @Test
    void valuesGoFromProgramToProgram() throws Exception {
        var pipe = create();
        var large = "ä".repeat(1_000_000);
        var sent = List.<Object>of(1, "two", List.of(3L, Map.of("k", Instant.EPOCH)), large);
        var writing =
                Waiting.start(() -> {
                    try (var writer = pipe.writer(LIMIT)) {
                        for (var value : sent) {
                            writer.value(value);
                        }
                    }
                    return true;
                });
        try (var reader = pipe.reader(LIMIT)) {
            for (var value : sent) {
                assertThat(reader.value(LIMIT)).contains(value);
            }
            assertThat(reader.value(LIMIT)).isEmpty();
        }
        assertThat(writing.result()).isTrue();
    }

    @Test
    void whatIsNoValueIsRefused() throws Exception {
        for (var garbage :
                List.of("\\377\\377\\377\\377", "\\0\\0\\0\\5ab", "\\0\\0\\0\\2\\143x")) {
            var pipe = create();
            shell("printf '%s' > \"$1\"".formatted(garbage));
            try (var reader = pipe.reader(LIMIT)) {
                assertThatThrownBy(() -> reader.value(LIMIT))
                        .as(garbage)
                        .isInstanceOf(UncheckedIOException.class);
            }
        }
    }

    @Test
    void whenNobodyComesTheWaitForTheOtherSideEnds() throws Exception {
        var pipe = create();
        var little = Duration.ofMillis(30);

        assertThatThrownBy(() -> pipe.reader(little))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("nobody writes to");
        assertThatThrownBy(() -> pipe.writer(little))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("nobody reads from");
        var waiting = Waiting.start(() -> pipe.reader(LIMIT)).untilItSleeps();
        waiting.thread().interrupt();
        assertThatThrownBy(waiting::result).hasCauseInstanceOf(InterruptedException.class);

        // And the pipe is as good as new.
        shell("echo still works > \"$1\"");
        try (var reader = pipe.reader(LIMIT)) {
            assertThat(reader.lines()).containsExactly("still works");
        }
    }

    @Test
    void aLimitKeepsWhatHasComeOfALine() throws Exception {
        var pipe = create();
        var opening = Waiting.start(() -> pipe.writer(LIMIT));
        try (var reader = pipe.reader(LIMIT);
                var writer = opening.result()) {
            writer.bytes("half ".getBytes(UTF_8));
            assertThatThrownBy(() -> reader.line(Duration.ofMillis(30)))
                    .isInstanceOf(TimeoutException.class);
            writer.line("and half");

            assertThat(reader.line(LIMIT)).contains("half and half");
        }
    }

    @Test
    void theEndOfTheReaderIsAnErrorForTheWriter() throws Exception {
        var pipe = create();
        var opening = Waiting.start(() -> pipe.writer(LIMIT));
        try (var reader = pipe.reader(LIMIT);
                var writer = opening.result()) {
            reader.close();
            assertThatThrownBy(() -> reader.line(LIMIT)).isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> writer.line("anybody?"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("nobody reads");
        }
    }

    @Test
    void closingEndsAReadThatWaits() throws Exception {
        var pipe = create();
        var opening = Waiting.start(() -> pipe.writer(LIMIT));
        try (var reader = pipe.reader(LIMIT);
                var _ = opening.result()) {
            var reading = Waiting.start(() -> reader.line(LIMIT)).untilItSleeps();
            reader.close();

            assertThatThrownBy(reading::result).hasCauseInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void whatIsNoNamedPipeIsNotTakenForOne() throws Exception {
        var file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> new NamedPipe(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no named pipe");
        assertThatThrownBy(() -> NamedPipe.create(file))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NamedPipe(folder.resolve("missing")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no named pipe at");
        assertThatThrownBy(() -> NamedPipe.create(folder.resolve("no/such/folder")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no/such/folder");
    }

    @Test
    void isThereUntilItIsDeleted() {
        var pipe = create();
        assertThat(create()).isEqualTo(pipe);
        pipe.delete();
        pipe.delete();
        assertThat(pipe.path()).doesNotExist();
    }

    @Test
    void aLineBreakInALineIsRefused() throws Exception {
        var pipe = create();
        shell("cat \"$1\"");
        try (var writer = pipe.writer(LIMIT)) {
            assertThatThrownBy(() -> writer.line("a\nb"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
