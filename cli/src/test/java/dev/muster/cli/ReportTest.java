package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir private Path folder;

    @Test
    void eachSettingIsToldWithWhereItWasSaid() throws IOException, InterruptedException {
        var home = folder.toRealPath();
        var file = home.resolve("muster.yaml");
        Files.writeString(
                file,
                """
                broker_url: redis://:topsecret@example.org
                result_expires: 7d
                task_acks_late: true
                broker_pool_limit: 3
                """);

        try (var muster =
                MusterProcess.start(
                        home,
                        Map.of("MUSTER_TASK_ACKS_LATE", "false"),
                        "report",
                        "--set",
                        "result_extended=yes",
                        "--result-backend",
                        "redis://:topsecret@example.org/1")) {
            assertThat(muster.awaitExit()).as(muster.output()).isZero();
            assertThat(muster.output())
                    .contains(
                            "  broker_url: redis://:**@example.org (%s)\n".formatted(file),
                            "  result_expires: 604800s (%s)\n".formatted(file),
                            "  task_acks_late: false (environment variable MUSTER_TASK_ACKS_LATE)\n",
                            "  result_extended: true (option --set)\n",
                            "  result_backend: redis://:**@example.org/1 (option --result-backend)\n",
                            "[warnings]\n  Celery's setting 'broker_pool_limit' (%s) has no effect"
                                    .formatted(file))
                    .doesNotContain("topsecret", "worker_concurrency");
        }
    }

    @Test
    void forProgramsItIsJson() {
        var outcome = Cli.run("report", "--json", "--set", "worker_concurrency=3", "-b", "memory:");

        assertThat(outcome.out())
                .as(outcome.err())
                .contains(
                        "\"worker_concurrency\": {\"value\": 3, \"source\": \"option --set\"}",
                        "\"broker_url\": {\"value\": \"memory:\", \"source\": \"option -b\"}",
                        "\"warnings\": []");
    }

    @Test
    void aMapIsToldAsItMayBeWritten() {
        var outcome = Cli.run("report", "--set", "task_routes={a.*: {queue: 'x'}}");

        assertThat(outcome.out())
                .as(outcome.err())
                .contains("  task_routes: {\"a.*\": {\"queue\": \"x\"}} (option --set)\n");
    }

    @Test
    void whatIsTheDefaultIsToldWhenItIsAskedFor() {
        var outcome = Cli.run("report", "--all", "--set", "task_time_limit=1.5");

        assertThat(outcome.out())
                .as(outcome.err())
                .contains(
                        "  broker_connection_timeout: 4s (default)\n",
                        "  task_compression: none (default)\n",
                        "  task_time_limit: 1500ms (option --set)\n");
    }
}
