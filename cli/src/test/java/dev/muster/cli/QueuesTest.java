package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueuesTest {
    @TempDir private Path folder;

    private String broker;

    @BeforeEach
    void send() {
        broker = "sqlite:" + folder.resolve("queue.db");
        assertThat(Cli.run("call", "a", "-b", broker).status()).isZero();
        assertThat(Cli.run("call", "b", "-q", "mail", "-b", broker).status()).isZero();
        assertThat(Cli.run("call", "c", "-q", "mail", "-b", broker).status()).isZero();
    }

    private String lengths() {
        return Cli.run("list", "queues", "-Q", "celery,mail", "--json", "-b", broker).out().strip();
    }

    @Test
    void listsHowManyMessagesWait() {
        assertThat(lengths()).isEqualTo("{\"celery\": 1, \"mail\": 2}");
        assertThat(Cli.run("list", "queues", "-b", broker).out())
                .isEqualToIgnoringNewLines("       1  celery");
    }

    @Test
    void purgesOnlyTheQueuesAskedFor() {
        var outcome = Cli.run("purge", "-f", "-Q", "mail", "-b", broker);

        assertThat(outcome.out())
                .as(outcome.err())
                .isEqualToIgnoringNewLines("2 messages removed from mail.");
        assertThat(lengths()).isEqualTo("{\"celery\": 1, \"mail\": 0}");
    }

    @Test
    void refusesToPurgeWhenItCannotAsk() {
        var outcome = Cli.run("purge", "-b", broker);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("give -f if you are sure");
        assertThat(lengths()).isEqualTo("{\"celery\": 1, \"mail\": 2}");
    }

    @Test
    void theReportMasksPasswords() {
        var report =
                Cli.run(
                        "report",
                        "-b",
                        "redis://:topsecret@example.org:6379/0",
                        "--result-backend",
                        "amqp://user:topsecret@example.org");

        assertThat(report.status()).as(report.err()).isZero();
        assertThat(report.out())
                .contains("broker_url: redis://:**@example.org:6379/0", "java: 25", "brokers: ")
                .doesNotContain("topsecret");
    }
}
