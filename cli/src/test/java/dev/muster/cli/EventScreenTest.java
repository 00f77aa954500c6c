package dev.muster.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.events.ClusterState;
import dev.muster.queue.events.Event;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jline.utils.AttributedString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventScreenTest {
    private static final Instant NOW = Instant.parse("2030-01-01T10:00:00Z");
    private static final String FIRST = "11111111-1111-1111-1111-111111111111";
    private static final String SECOND = "22222222-2222-2222-2222-222222222222";

    private final ClusterState state = new ClusterState();
    private final List<String> asked = new ArrayList<>();
    private final EventScreen screen =
            new EventScreen(
                    state,
                    "redis://here",
                    ZoneOffset.UTC,
                    (_, method, arguments, node) ->
                            asked.add("%s %s %s".formatted(method, arguments, node.orElse("all"))));

    private void tell(String type, int seconds, String node, Object... more) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("hostname", node);
        fields.put("timestamp", NOW.getEpochSecond() + seconds);
        for (var index = 0; index < more.length; index += 2) {
            fields.put((String) more[index], more[index + 1]);
        }
        state.add(new Event(type, fields), NOW);
    }

    @BeforeEach
    void tellOfTwoTasks() {
        tell(
                "worker-heartbeat",
                0,
                "muster@web1",
                "freq",
                2,
                "active",
                1,
                "processed",
                42,
                "loadavg",
                List.of(0.5, 0.25, 0.125),
                "sw_ident",
                "muster",
                "sw_ver",
                "0.1.0");
        tell("worker-offline", 0, "celery@web2", "sw_ident", "py-celery", "sw_ver", "5.2.6");
        tell(
                "task-received",
                1,
                "muster@web1",
                "uuid",
                FIRST,
                "name",
                "Images.resize",
                "args",
                "('a.png', 800)");
        tell(
                "task-succeeded",
                2,
                "muster@web1",
                "uuid",
                FIRST,
                "result",
                "'done'",
                "runtime",
                0.0205);
        tell("task-received", 3, "muster@web1", "uuid", SECOND, "name", "Mail.send");
        tell(
                "task-failed",
                4,
                "muster@web1",
                "uuid",
                SECOND,
                "exception",
                "OSError('no')",
                "traceback",
                "Traceback:\n  line 1");
    }

    private String frame(int width, int height) {
        return screen.lines(width, height, NOW).stream()
                .map(AttributedString::toString)
                .map(String::stripTrailing)
                .collect(joining("\n"));
    }

    private void press(String... keys) {
        for (var key : keys) {
            frame(100, 12);
            screen.press(key);
        }
        frame(100, 12);
    }

    @Test
    void showsTheTasksTheNewestFirst() {
        assertThat(frame(110, 8))
                .isEqualTo(
                        """
                        muster events  redis://here  workers: 1 alive of 2  events: 6, 0.0/s
                        tasks: 2  FAILURE 1  SUCCESS 1
                        UUID                                 NAME                  STATE      WORKER                 WHEN      RUNTIME
                        22222222-2222-2222-2222-222222222222 Mail.send             FAILURE    muster@web1            10:00:04
                        11111111-1111-1111-1111-111111111111 Images.resize         SUCCESS    muster@web1            10:00:02    0.021


                        q quit  ? help  j/k move  i info  t traceback  r result  c revoke  l rate limit  / filter  o order  w workers\
                        """);
    }

    @Test
    void showsTheWorkers() {
        press("w");

        assertThat(frame(100, 7))
                .isEqualTo(
                        """
                        muster events  redis://here  workers: 1 alive of 2  events: 6, 0.0/s
                        tasks: 2  FAILURE 1  SUCCESS 1
                        WORKER                      STATUS  ACTIVE PROCESSED             LOAD  HEARD SOFTWARE
                        celery@web2                 offline                                       0s py-celery 5.2.6
                        muster@web1                 alive        1        42   0.50 0.25 0.13     0s muster 0.1.0

                        q quit  ? help  j/k move  i info  a active  v reserved  s stats  w tasks\
                        """);
    }

    @Test
    void showsLessInASmallTerminal() {
        assertThat(frame(20, 5))
                .isEqualTo(
                        """
                        muster events  redi…
                        tasks: 2  FAILURE 1…
                        NAME        STATE
                        Mail.send   FAILURE
                        q quit  ? help  j/k…\
                        """);
        assertThat(frame(9, 3)).isEqualTo("STATE\nFAILURE\nq quit  …");
        assertThat(frame(80, 24))
                .contains(
                        "2222222… Mail.send            FAILURE    muster@web1           10:00:04");
    }

    @Test
    void noFrameIsLargerThanTheTerminal() {
        for (var keys : List.of("", "w", "i", "?", "c", "/")) {
            press(Keys.ESCAPE, Keys.ESCAPE, Keys.ESCAPE);
            Stream.of(keys).filter(key -> !key.isEmpty()).forEach(screen::press);
            for (var width = 1; width < 120; width += 7) {
                for (var height = 1; height < 30; height++) {
                    var lines = screen.lines(width, height, NOW);
                    assertThat(lines).as("%dx%d %s", width, height, keys).hasSize(height);
                    for (var line : lines) {
                        assertThat(line.toString().length())
                                .as("%dx%d %s: %s", width, height, keys, line)
                                .isLessThanOrEqualTo(width);
                    }
                }
            }
        }
    }

    @Test
    void showsAllThatIsKnownOfTheSelectedTask() {
        press("j", "i");
        assertThat(frame(80, 20))
                .contains(
                        "Task " + FIRST,
                        "name: Images.resize",
                        "state: SUCCESS",
                        "args: ('a.png', 800)",
                        "result: 'done'",
                        "runtime: 0.021",
                        "received: 2030-01-01T10:00:01Z");

        press(Keys.ESCAPE, "r");
        assertThat(frame(80, 20)).contains("Result of " + FIRST, "'done'");
        press(Keys.ESCAPE, Keys.UP, "t");
        assertThat(frame(80, 20)).contains("Traceback:\n  line 1");
    }

    @Test
    void theSelectionStaysWithItsTask() {
        press("j");
        tell("task-received", 9, "muster@web1", "uuid", "new", "name", "New.task");
        press("i");

        assertThat(frame(80, 20)).contains("Task " + FIRST);
    }

    @Test
    void movesThroughMoreThanFitsOnTheScreen() {
        for (var number = 0; number < 100; number++) {
            tell("task-started", 100 + number, "muster@web1", "uuid", "task-" + number);
        }
        press(Keys.END);
        assertThat(frame(100, 12)).contains(FIRST).doesNotContain("task-99");
        press(Keys.HOME, Keys.PAGE_DOWN, "j");
        assertThat(frame(100, 12)).contains("task-90").doesNotContain("task-99");
        press(Keys.HOME);
        assertThat(frame(100, 12)).contains("task-99");
    }

    @Test
    void revokesOnlyWhenItIsSure() {
        press("c");
        assertThat(frame(80, 8)).endsWith("Revoke %s? y/n".formatted(SECOND));
        press("n");
        assertThat(asked).isEmpty();
        press("c", Keys.ESCAPE, "y");
        assertThat(asked).isEmpty();

        press("c", "y");

        assertThat(asked).containsExactly("revoke {task_id=%s} all".formatted(SECOND));
    }

    @Test
    void asksForARateAndSendsIt() {
        press("l");
        assertThat(frame(80, 8)).endsWith("New rate limit of Mail.send: _");
        press("1", "0", "0", Keys.BACKSPACE, "/", "m", Keys.ENTER);

        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst()).contains("rate_limit", "task_name=Mail.send", "10/m");
    }

    @Test
    void inspectsTheSelectedWorker() {
        press("w", "j", "a", "v", "s");

        assertThat(asked)
                .containsExactly(
                        "active {} muster@web1", "reserved {} muster@web1", "stats {} muster@web1");
        screen.answer("muster@web1: stats", Map.of("muster@web1", Map.of("pid", 17)));
        assertThat(frame(80, 8)).contains("muster@web1: stats", "    pid: 17");
        screen.answer("nobody", Map.of());
        assertThat(frame(80, 8)).contains("no worker has answered in time");
    }

    @Test
    void filtersAndOrders() {
        press("/", "f", "a", "i", "l", Keys.ENTER);
        assertThat(frame(100, 8)).contains(SECOND, "filter: fail").doesNotContain(FIRST);
        press(Keys.ESCAPE);
        assertThat(frame(100, 8)).contains(SECOND, FIRST);

        press("o", Keys.HOME, "i");
        assertThat(frame(120, 20)).contains("by name", "Task " + FIRST);
    }

    @Test
    void tellsHowManyEventsCome() {
        frame(100, 8);
        for (var number = 0; number < 20; number++) {
            tell("worker-heartbeat", number, "muster@web1", "freq", 2);
        }
        tell("nonsense", 0, "muster@web1");

        assertThat(screen.lines(100, 8, NOW.plusSeconds(2)).getFirst().toString())
                .contains("events: 27, 10.5/s, 1 ignored");
    }

    @Test
    void aWorkerThatIsSilentIsOffline() {
        assertThat(screen.lines(100, 8, NOW.plusSeconds(4)).getFirst().toString())
                .contains("0 alive of 2");
    }

    @Test
    void endsOnQAndAtTheEndOfInput() {
        press("w", "i", "?");
        assertThat(screen.isDone()).isFalse();
        press("q");
        assertThat(screen.isDone()).isTrue();

        var other =
                new EventScreen(
                        state, "", ZoneOffset.UTC, (_, _, _, _) -> assertThat(asked).isEmpty());
        other.press("/");
        other.press("q");
        assertThat(other.isDone()).isFalse();
        other.press(Keys.END_OF_INPUT);
        assertThat(other.isDone()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[2J\u001b[1;1Hgone",
                "\u009b31m",
                "a\r\nb\u0000\u0007\u0008",
                "\u202egnp.exe",
                "\ud800 lone",
                "\u2028\u2029\u0085",
                "e\u0301\u0301\u0301\u0301\u0301\u0301",
                "\u001b]0;title\u0007",
                "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"
            })
    void whatStrangersSayDoesNothingToTheTerminal(String text) {
        tell("worker-heartbeat", 5, text + "@host", "freq", 2, "sw_ident", text);
        tell(
                "task-failed",
                6,
                text + "@host",
                "uuid",
                text,
                "name",
                text,
                "exception",
                text,
                "traceback",
                text,
                text,
                text);
        for (var keys : List.of(List.<String>of(), List.of("i"), List.of("t"), List.of("w"))) {
            press(Keys.ESCAPE, Keys.ESCAPE, Keys.HOME);
            keys.forEach(screen::press);
            for (var line : screen.lines(60, 20, NOW)) {
                assertThat(line.toString().codePoints())
                        .allMatch(point ->
                                !Character.isISOControl(point)
                                        && Character.getType(point) != Character.FORMAT
                                        && Character.getType(point) != Character.SURROGATE);
                assertThat(TerminalText.width(line.toString())).isLessThanOrEqualTo(60);
            }
        }
        assertThat(Optional.of(frame(60, 20))).isPresent();
    }
}
