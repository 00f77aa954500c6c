package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallTest {
    @TempDir private Path folder;

    private String broker;
    private Muster muster;
    private Worker worker;

    @Task(name = "describe")
    static String describe(Object a, Object b, Object c) {
        return "%s %s %s".formatted(type(a), type(b), type(c));
    }

    private static String type(Object value) {
        return value == null ? "null" : value.getClass().getSimpleName() + "=" + value;
    }

    @Task(name = "data", aliases = "figures")
    static Map<String, List<Integer>> data() {
        return Map.of("numbers", List.of(1, 2));
    }

    @Task(name = "form")
    static @Nullable Integer form(TaskContext task) {
        return task.priority();
    }

    @Task(name = "fails")
    static void fails() {
        throw new IllegalStateException("not today");
    }

    @BeforeEach
    void start() {
        broker = "sqlite:" + folder.resolve("queue.db");
        muster =
                Muster.builder()
                        .brokerUrl(broker)
                        .set("accept_content", "json, yaml")
                        .tasks(CallTest.class)
                        .build();
        worker = muster.worker().start();
        assertThat(worker.awaitReady(Duration.ofSeconds(30))).isTrue();
    }

    @AfterEach
    void stop() {
        worker.close();
        muster.close();
    }

    private Cli.Outcome call(String... words) {
        var common = List.of("--wait", "--timeout", "30", "-b", broker);
        return Cli.run(
                Stream.of(List.of("call"), List.of(words), common)
                        .flatMap(List::stream)
                        .toArray(String[]::new));
    }

    @Test
    void wordsThatReadAsJsonAreThatAndOthersAreText() {
        var outcome = call("describe", "3", "EURUSD", "true");

        assertThat(outcome.out())
                .as(outcome.err())
                .isEqualToIgnoringNewLines("Long=3 String=EURUSD Boolean=true");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void quotedNumbersStayText() {
        var outcome = call("describe", "\"3\"", "null", "3 4");

        assertThat(outcome.out())
                .as(outcome.err())
                .isEqualToIgnoringNewLines("String=3 null String=3 4");
    }

    @Test
    void takesArgumentsAsJson() {
        var outcome = call("describe", "--args", "[[1], 2.5]", "--kwargs", "{\"c\": \"x\"}");

        assertThat(outcome.out()).as(outcome.err()).contains("=[1] Double=2.5 String=x");
    }

    @Test
    void printsDataAsJson() {
        var outcome = call("data");

        assertThat(outcome.out())
                .as(outcome.err())
                .isEqualToIgnoringNewLines("{\"numbers\": [1, 2]}");
    }

    @Test
    void theIdThatItPrintsFindsTheResult() {
        var id = Cli.run("call", "data", "-b", broker).out().strip();

        var outcome = Cli.run("result", id, "--timeout", "30", "--json", "-b", broker);

        assertThat(outcome.out())
                .as(outcome.err())
                .contains("\"id\": \"" + id + "\"", "\"result\": {\"numbers\": [1, 2]}");
    }

    @Test
    void aFailedTaskIsExitStatus1WithItsReason() {
        var outcome = call("fails");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("IllegalStateException: not today");
    }

    @Test
    void aTaskThatTheWorkerDoesNotHaveIsToldWithAWayToFindThoseThatItHas() {
        var outcome = call("dat");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("NotRegistered: dat", "muster inspect registered");
    }

    @Test
    void ofAnApplicationThatIsNamedOnlyItsTasksAreSent() {
        var application = CallTest.class.getName();

        var misspelt = call("dat", "-A", application);

        assertThat(misspelt.status()).isEqualTo(2);
        assertThat(misspelt.err()).contains("there is no task 'dat' in", "did you mean 'data'?");
        assertThat(call("data", "-A", application).status()).isZero();
        assertThat(call("figures", "-A", application).status()).isZero();
    }

    @Test
    void goesWhereItIsTold() {
        Cli.run("call", "data", "-q", "other", "-b", broker);
        Cli.run("call", "data", "--exchange", "other", "--routing-key", "other", "-b", broker);

        assertThat(muster.queueLength("other")).isEqualTo(2);
        assertThat(call("data", "--exchange", "other", "--routing-key", "nowhere").err())
                .contains(
                        "no queue takes a message to exchange 'other' with routing key 'nowhere'");
    }

    @Test
    void hasThePriorityAndTheSerializerThatItIsGiven() {
        assertThat(call("form", "--priority", "7", "--serializer", "yaml").out())
                .isEqualToIgnoringNewLines("7");
        assertThat(call("form", "--serializer", "msgpack").err()).contains("msgpack");
    }

    @Test
    void isNotRunBeforeItsTimeAndNotAfterItHasExpired() {
        var later = Cli.run("call", "data", "--countdown", "1h", "-b", broker).out().strip();
        var expired =
                Cli.run("call", "data", "--expires", "2020-01-01T00:00:00Z", "-b", broker)
                        .out()
                        .strip();
        var past = call("data", "--eta", "2020-01-01T01:00:00+01:00", "--expires", "1h");

        assertThat(past.status()).as(past.err()).isZero();
        var outcome = Cli.run("result", expired, "--timeout", "30", "-b", broker);
        assertThat(outcome.err()).contains("expired");
        assertThat(muster.resultRecord(later)).isEmpty();
    }
}
