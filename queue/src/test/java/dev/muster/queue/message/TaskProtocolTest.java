package dev.muster.queue.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskProtocolTest {
    private static final long MAX_BYTES = 1 << 20;
    private static final Instant SENT = Instant.parse("2026-11-20T11:47:38.250Z");
    private static final TaskProtocol.Form PLAIN =
            new TaskProtocol.Form(Optional.empty(), Optional.empty(), true, 0, null, SENT);

    private final TaskProtocol protocol =
            new TaskProtocol(
                    new Serializers(Settings.DEFAULT.with("message_max_bytes", MAX_BYTES)));

    private static TaskRequest request() {
        return new TaskRequest(
                "cde9c3f7",
                "t.add",
                List.of(1, 1),
                Map.of(),
                Map.of("tenant", "acme"),
                TaskRequest.Embed.NOTHING,
                Optional.empty(),
                Optional.of(Instant.parse("2026-11-20T11:47:38.148111222Z")),
                0,
                TaskRequest.TimeLimit.NONE,
                Optional.of("cde9c3f7"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("gen4711@h1"),
                Optional.empty(),
                Optional.of(false),
                Optional.of("188d5625"),
                Optional.of("cde9c3f7"));
    }

    @Test
    void writesEveryHeaderOfProtocol2InItsOrder() {
        var message = protocol.write(request(), PLAIN);

        assertThat(new Json(true).writeText(message.headers()))
                .isEqualTo(
                        """
                        {"lang": "java", "task": "t.add", "id": "cde9c3f7", "shadow": null, "eta": null, \
                        "expires": "2026-11-20T11:47:38.148111+00:00", "group": null, "group_index": null, "retries": 0, \
                        "timelimit": [null, null], "root_id": "cde9c3f7", "parent_id": null, "argsrepr": "(1, 1)", \
                        "kwargsrepr": "{}", "origin": "gen4711@h1", "ignore_result": false, "replaced_task_nesting": 0, \
                        "stamped_headers": null, "stamps": {}, "tenant": "acme", "sent_at": 1795175258.25}\
                        """);
        assertThat(new String(message.body(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "[[1, 1], {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]");
        assertThat(message.contentType()).isEqualTo("application/json");
        assertThat(message.contentEncoding()).isEqualTo("utf-8");
        assertThat(message.properties())
                .isEqualTo(new Message.Properties("cde9c3f7", "188d5625", true, 0, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zlib", "bzip2"})
    void readsWhatItWroteCompressed(String compression) {
        var message =
                protocol.write(
                        request(),
                        new TaskProtocol.Form(
                                Optional.empty(), Optional.of(compression), true, 0, null, SENT));

        assertThat(message.headers()).containsKey("compression");
        assertThat(protocol.read(message).args()).containsExactly(1L, 1L);
    }

    @Test
    void readsTheSmallestMessageThatIsLegal() {
        var headers = new HashMap<String, @Nullable Object>();
        headers.put("lang", "py");
        headers.put("task", "t.add");
        headers.put("id", "x");
        headers.put("retries", null);
        headers.put("timelimit", null);

        var request = protocol.read(json("[[1], {}, null]", headers));

        assertThat(request.task()).isEqualTo("t.add");
        assertThat(request.args()).containsExactly(1L);
        assertThat(request.embed().isNothing()).isTrue();
        assertThat(request.timeLimit()).isEqualTo(TaskRequest.TimeLimit.NONE);
    }

    @Test
    void readsProtocol1WithLocalTimesAndItsGroup() {
        var request =
                protocol.read(
                        json(
                                """
                                {"task": "t.add", "id": "x", "args": [1, 2], "kwargs": {"a": 3}, "taskset": "g", "utc": true, \
                                "eta": "2026-11-20T11:47:38", "retries": 2, "callbacks": [{"task": "t.next"}]}\
                                """,
                                Map.of()));

        assertThat(request.args()).containsExactly(1L, 2L);
        assertThat(request.kwargs()).isEqualTo(Map.of("a", 3L));
        assertThat(request.group()).contains("g");
        assertThat(request.eta()).contains(Instant.parse("2026-11-20T11:47:38Z"));
        assertThat(request.retries()).isEqualTo(2);
        assertThat(request.embed().callbacks()).hasSize(1);
    }

    @Test
    void readsTheHybridOfBothProtocols() {
        var request =
                protocol.read(
                        json(
                                "{\"args\": [7], \"kwargs\": {}}",
                                Map.of("task", "t.add", "id", "x", "retries", 1)));

        assertThat(request.args()).containsExactly(7L);
        assertThat(request.retries()).isEqualTo(1);
    }

    @Test
    void keepsHeadersThatItDoesNotKnow() {
        var request =
                protocol.read(
                        json("[[], {}, {}]", Map.of("task", "t", "id", "x", "x-tenant", "acme")));

        assertThat(request.headers()).containsEntry("x-tenant", "acme");
    }

    @Test
    void timeLimitsAreHardThenSoft() {
        var request =
                protocol.read(
                        json(
                                "[[], {}, {}]",
                                Map.of(
                                        "task",
                                        "t",
                                        "id",
                                        "x",
                                        "timelimit",
                                        Arrays.asList(10, 5.5))));

        assertThat(request.timeLimit()).isEqualTo(new TaskRequest.TimeLimit(10.0, 5.5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "[[1], {}]",
                "[1, {}, {}]",
                "[[], [], {}]",
                "[[], {}, []]",
                "null",
                "42",
                "\"text\"",
                "{}",
                "[[], {}, {\"callbacks\": 5}]",
                "[[], {}, {}] x"
            })
    void aBodyOfAnotherShapeIsRefusedWithTheTasksId(String body) {
        assertThatThrownBy(() -> protocol.read(json(body, Map.of("task", "t.add", "id", "x"))))
                .isInstanceOfSatisfying(
                        RefusedMessageException.class,
                        refused -> assertThat(refused.taskId()).contains("x"));
    }

    @Test
    void headersOfWrongTypesAreRefused() {
        for (var wrong :
                List.of(
                        entry("id", 5),
                        entry("id", ""),
                        entry("id", "a\u0000b"),
                        entry("id", "\ud800"),
                        entry("id", "x".repeat(513)),
                        entry("task", List.of()),
                        entry("eta", 1234567890L),
                        entry("eta", "tomorrow"),
                        entry("eta", "+10000-01-01T00:00:00Z"),
                        entry("expires", "2026-01-01T00:00:00+01:00[Europe/Paris]"),
                        entry("retries", "many"),
                        entry("timelimit", List.of(1)),
                        entry("timelimit", "5"),
                        entry("ignore_result", "no"),
                        entry("compression", "application/x-unknown"))) {
            var headers = new LinkedHashMap<String, Object>(Map.of("task", "t.add", "id", "x"));
            headers.putAll(wrong);

            assertThatThrownBy(() -> protocol.read(json("[[], {}, {}]", headers)))
                    .as(wrong.toString())
                    .isInstanceOf(RefusedMessageException.class);
        }
    }

    private static Map<String, Object> entry(String name, Object value) {
        return Map.of(name, value);
    }

    @Test
    void contentThatIsNotAcceptedIsRefusedByName() {
        var pickled =
                new Message(
                        new byte[] {(byte) 0x80, 4, '.'},
                        "application/x-python-serialize",
                        "binary",
                        Map.of("task", "t.add", "id", "x"),
                        Message.Properties.DEFAULT);
        var missing =
                new Message(
                        new byte[0],
                        null,
                        null,
                        Map.of("task", "t.add", "id", "x"),
                        Message.Properties.DEFAULT);

        assertThatThrownBy(() -> protocol.read(pickled))
                .isInstanceOf(RefusedMessageException.class)
                .hasMessageContaining("application/x-python-serialize");
        assertThatThrownBy(() -> protocol.read(missing)).hasMessageContaining("content-type");
    }

    @Test
    void aBodyLargerThanTheLimitIsRefused() {
        assertThatThrownBy(() ->
                        protocol.read(
                                json(
                                        "[[\"" + "x".repeat((int) MAX_BYTES) + "\"], {}, {}]",
                                        Map.of("task", "t", "id", "x"))))
                .isInstanceOf(RefusedMessageException.class)
                .hasMessageContaining("message_max_bytes");
    }

    private static Message json(String body, Map<String, ? extends @Nullable Object> headers) {
        return new Message(
                body.getBytes(StandardCharsets.UTF_8),
                "application/json",
                "utf-8",
                new LinkedHashMap<>(headers),
                Message.Properties.DEFAULT);
    }
}
