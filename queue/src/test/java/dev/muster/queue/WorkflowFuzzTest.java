package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.message.TaskRequest.Embed;
import dev.muster.queue.spi.ScheduleRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in messages and stores about tasks, besides the tasks themselves.
class WorkflowFuzzTest {
    private static final Json JSON = new Json(true);
    private static final Instant NOW = Instant.parse("2026-03-13T14:15:16Z");

    private static final String CALL =
            "{\"task\": \"tasks.add\", \"args\": [1, 2], \"kwargs\": {\"a\": null}, \"options\": {\"task_id\": \"id\", \"queue\": \"q\", \"priority\": 5, \"countdown\": 1.5, \"expires\": \"2026-03-13T14:15:16+00:00\", \"time_limit\": 60, \"link\": [{\"task\": \"t\"}], \"link_error\": {\"task\": \"t\"}, \"headers\": {\"h\": 1}, \"ignore_result\": true, \"stamped_headers\": [\"s\"], \"s\": [\"v\"], \"other\": [1]}, \"subtask_type\": null, \"immutable\": true}";
    private static final String CHAIN =
            "{\"task\": \"celery.chain\", \"args\": [1], \"kwargs\": {\"tasks\": [{\"task\": \"a\"}, {\"task\": \"b\", \"immutable\": true}]}, \"options\": {}, \"subtask_type\": \"chain\"}";
    private static final String CHORD =
            "{\"task\": \"celery.chord\", \"args\": [], \"kwargs\": {\"kwargs\": {}, \"header\": {\"task\": \"celery.group\", \"kwargs\": {\"tasks\": [{\"task\": \"a\"}]}, \"subtask_type\": \"group\"}, \"body\": {\"task\": \"b\"}}, \"options\": {}, \"subtask_type\": \"chord\"}";
    private static final String CHUNKS =
            "{\"task\": \"celery.chunks\", \"kwargs\": {\"task\": {\"task\": \"a\"}, \"it\": [[1], [2], [3]], \"n\": 2}, \"subtask_type\": \"chunks\"}";

    @FuzzTest
    void workflows() {
        Fuzzer.of("workflows")
                .seeds(CALL, CHAIN, CHORD, CHUNKS)
                .refusing(DecodeException.class)
                .run(input -> {
                    var workflow = WorkflowFormat.read(JSON.read(input));
                    try {
                        WorkflowFormat.write(workflow);
                    } catch (EncodeException _) {
                        // A time that no peer can read.
                    }
                });
    }

    /// What follows upon a task.
    @FuzzTest
    void whatTravelsWithATask() {
        Fuzzer.of("what travels with a task")
                .seeds(
                        "{\"callbacks\": [%s], \"errbacks\": [{\"task\": \"e\"}], \"chain\": [%s, %s], \"chord\": %s}"
                                .formatted(CALL, CHAIN, CHORD, CALL))
                .refusing(DecodeException.class)
                .run(input -> {
                    if (JSON.read(input) instanceof Map<?, ?> map) {
                        Aftermath.Plan.of(
                                new Embed(
                                        list(map.get("callbacks")),
                                        list(map.get("errbacks")),
                                        list(map.get("chain")),
                                        map.get("chord")));
                    }
                });
    }

    private static List<@Nullable Object> list(@Nullable Object value) {
        return value instanceof List<?> list ? new ArrayList<>(list) : List.of();
    }

    @FuzzTest
    void entriesOfSchedules() {
        var planner = new Planner(ZoneOffset.UTC, Optional.empty());
        Fuzzer.of("entries of schedules")
                .seeds(
                        "{\"task\": \"a\", \"schedule\": {\"every\": \"10s\"}, \"args\": [1], \"kwargs\": {}, \"options\": {\"queue\": \"q\"}, \"missed\": \"once\", \"jitter\": \"2s\", \"configured\": true, \"paused\": false, \"last_run_at\": \"2026-03-13T14:15:10+00:00\", \"total_run_count\": 3, \"pending\": \"id\"}",
                        "{\"task\": \"a\", \"schedule\": {\"crontab\": \"0 4 * * *\", \"timezone\": \"Europe/Berlin\"}, \"missed\": \"all\", \"last_run_at\": \"2026-03-11T14:15:10+00:00\", \"total_run_count\": 3}",
                        "{\"task\": \"a\", \"schedule\": {\"every\": \"60s\", \"relative\": true}, \"missed\": \"skip\", \"last_run_at\": \"2026-03-13T10:15:10+00:00\", \"total_run_count\": 3}")
                .refusing(DecodeException.class)
                .runText(text -> {
                    var entry = EntryFormat.read(new ScheduleRecord("name", 1, text));
                    try {
                        planner.plan(entry, NOW);
                    } catch (DateTimeException _) {
                        // Said to whoever asks.
                    }
                });
    }

    @FuzzTest
    void rates() {
        Fuzzer.of("rates")
                .seeds("10/s", "100/m", "0.5/h", "3")
                .refusing(IllegalArgumentException.class)
                .runText(RateLimit::parse);
    }

    /// A damaged file must not keep a worker from its work.
    @FuzzTest
    void filesOfRevokedTasks(@TempDir Path folder) {
        var file = folder.resolve("revoked.json");
        Fuzzer.of("files of revoked tasks")
                .seeds(
                        "{\"revoked\": {\"id\": 1773410000}, \"stamps\": [[\"name\", \"value\", 1773410000]]}")
                .refusing(IOException.class)
                .run(input -> {
                    Files.write(file, input);
                    new RevokedTasks(InstantSource.fixed(NOW), file).all();
                });
    }

    @FuzzTest
    void treesOfResults() {
        Fuzzer.of("trees of results")
                .seeds(
                        "[[\"id\", [[\"parent\", null], null]], null]",
                        "[[\"group\", null], [[[\"a\", null], null], \"b\"]]")
                .refusing(DecodeException.class)
                .run(input -> ResultTree.ofTuple(JSON.read(input)).toTuple());
    }

    @FuzzTest
    void failures() {
        var format = new ResultFormat(JSON);
        var failures = new Failures(List.of());
        Fuzzer.of("failures")
                .seeds(
                        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"IllegalStateException\", \"exc_message\": [\"a\"], \"exc_module\": \"java.lang\"}, \"traceback\": \"at\", \"task_id\": \"id\"}",
                        "{\"status\": \"REVOKED\", \"result\": {\"exc_type\": \"TaskRevokedError\", \"exc_message\": [\"terminated\"], \"exc_module\": \"celery.exceptions\"}, \"task_id\": \"id\"}")
                .refusing(DecodeException.class)
                .run(input -> {
                    var record = format.read(input);
                    var _ = failures.rebuild(record).toString();
                    Failures.repr(record.result());
                });
    }

    /// Found once: the worker did not start.
    @Test
    void aRevocationAfterTheEndOfTimeIsNoReasonNotToWork(@TempDir Path folder) throws IOException {
        var file = folder.resolve("revoked.json");
        Files.writeString(file, "{\"revoked\": {\"id\": 9223372036854775807}}");

        assertThat(new RevokedTasks(InstantSource.fixed(NOW), file).all()).isEmpty();
    }
}
