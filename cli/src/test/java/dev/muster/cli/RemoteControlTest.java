package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteControlTest {
    @TempDir private Path folder;

    private String broker() {
        return "sqlite:" + folder.resolve("queue.db");
    }

    private MusterProcess worker(String... options) {
        Cli.write(folder, "Adder.java", RunTest.ADDER);
        var words =
                new ArrayList<>(
                        List.of(
                                "worker",
                                "-A",
                                "Adder.java",
                                "-b",
                                broker(),
                                "-n",
                                "w@here",
                                "-c1"));
        words.addAll(List.of(options));
        var worker = MusterProcess.start(folder, words.toArray(String[]::new));
        worker.awaitOutput("ready.");
        return worker;
    }

    @Test
    void asksAndTellsAWorkerUntilItEnds() throws Exception {
        try (var worker = worker()) {
            var status = Cli.run("status", "-b", broker(), "-d", "w@here", "-t", "20");
            assertThat(status.status()).as(status.err()).isZero();
            assertThat(status.out()).contains("->  w@here: OK", "    pong");

            var stats = Cli.run("inspect", "stats", "-b", broker(), "-d", "w@here", "--json");
            assertThat(stats.out()).startsWith("{\"w@here\": {\"total\": {}");

            var grown = Cli.run("control", "pool_grow", "2", "-b", broker(), "-d", "w@here");
            assertThat(grown.out()).contains("pool will grow");
            assertThat(Cli.run("inspect", "stats", "-b", broker(), "-d", "w@here").out())
                    .contains("\"max-concurrency\": 3");

            var refused = Cli.run("control", "autoscale", "3", "-b", broker(), "-d", "w@here");
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.out()).contains("->  w@here: ERROR", "Autoscale not enabled");

            var misspelt = Cli.run("inspect", "activ", "-b", broker(), "-d", "w@here");
            assertThat(misspelt.status()).isEqualTo(1);
            assertThat(misspelt.err()).contains("none of Celery's commands; did you mean 'active'");

            var end = Cli.run("control", "shutdown", "-b", broker(), "-d", "w@here", "-t", "20");
            assertThat(end.status()).isZero();
            assertThat(worker.awaitExit()).isZero();
        }
    }

    @Test
    void showsWhatHappens() throws Exception {
        try (var worker = worker("-E", "--heartbeat-interval", "0.2");
                var events = MusterProcess.start(folder, "events", "-b", broker())) {
            events.awaitOutput("w@here worker-heartbeat active=0");
            var id = Cli.run("call", "Adder.add", "2", "3", "-b", broker()).out().strip();
            events.awaitOutput("w@here task-succeeded " + id);
            assertThat(events.output()).contains("w@here task-received " + id);

            var json = Cli.run("events", "-b", broker(), "-n", "1", "--json");
            assertThat(json.out()).startsWith("{\"freq\": 0.2");
            assertThat(worker.isRunning()).isTrue();
        }
    }

    @Test
    void saysWhoHasNotAnswered() {
        var nobody = Cli.run("status", "-b", broker(), "-t", "0.2");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.err())
                .contains("no worker has answered within 0.2 s; is one running on sqlite:");

        var missing = Cli.run("inspect", "ping", "-b", broker(), "-t", "1", "-d", "a@b,c@d");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("no answer within 1 s from a@b, c@d");
    }

    @ParameterizedTest
    @CsvSource({
        "inspect nosuch x, arguments are to be written as name=value",
        "control pool_gorw 2, did you mean 'pool_grow'?",
        "control rate_limit one, rate_limit needs: task_name rate_limit",
        "control cancel_consumer a b, cancel_consumer takes no more words than: queue"
    })
    void wrongWordsAreToldWithTheRightOnes(String words, String message) {
        var outcome = Cli.run((words + " -b memory:").split(" ", -1));

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
    }
}
