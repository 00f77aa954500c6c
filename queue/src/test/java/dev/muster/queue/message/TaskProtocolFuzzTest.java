package dev.muster.queue.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Messages that ask for a task: their headers, their properties and their bodies.
class TaskProtocolFuzzTest {
    private static final Json JSON = new Json(true);
    private static final TaskProtocol PROTOCOL =
            new TaskProtocol(new Serializers(Settings.DEFAULT));

    private static final String PROTOCOL_2 =
            """
            {"headers": {"lang": "py", "task": "tasks.add", "id": "c5c0", "shadow": null,
              "eta": "2026-03-13T14:15:16+00:00", "expires": "2026-03-13T14:15:16.5", "group": "g",
              "group_index": 1, "retries": 2, "timelimit": [60, 50.5], "root_id": "r", "parent_id": "p",
              "argsrepr": "(1, 2)", "kwargsrepr": "{}", "origin": "gen1@host", "ignore_result": false,
              "stamped_headers": ["a"], "stamps": {"a": ["b"]}, "compression": null},
             "reply_to": "q", "correlation_id": "c5c0", "type": "application/json",
             "body": [[1, 2], {"a": null}, {"callbacks": [{"task": "t", "args": [], "kwargs": {},
               "options": {}, "subtask_type": null, "immutable": false}], "errbacks": [],
               "chain": [], "chord": null}]}
            """;

    private static final String PROTOCOL_1 =
            """
            {"headers": {}, "type": "application/json", "body": {"task": "tasks.add", "id": "c5c0",
              "args": [1, 2], "kwargs": {}, "group": null, "retries": 0, "eta": null,
              "expires": "2026-03-13T14:15:16", "utc": false, "callbacks": null, "errbacks": null,
              "timelimit": [null, null], "taskset": "g", "chord": null}}
            """;

    private static final String HYBRID =
            """
            {"headers": {"task": "tasks.add", "id": "c5c0"}, "type": "application/json",
             "body": {"args": [1], "kwargs": {"a": 1}, "callbacks": null, "chain": null}}
            """;

    @FuzzTest
    void messages() {
        Fuzzer.of("task messages")
                .seeds(PROTOCOL_2, PROTOCOL_1, HYBRID)
                .refusing(RefusedMessageException.class)
                .refusing(DecodeException.class)
                .run(input -> {
                    var request = PROTOCOL.read(message(input));
                    var form =
                            new TaskProtocol.Form(
                                    Optional.empty(),
                                    Optional.empty(),
                                    true,
                                    0,
                                    null,
                                    Instant.EPOCH);
                    try {
                        PROTOCOL.write(request, form); // as a retry does
                    } catch (EncodeException _) {
                        // Not all that is read can be written again, such as NaN.
                    }
                });
    }

    private static Message message(byte[] text) {
        if (!(JSON.read(text) instanceof Map<?, ?> fields)) {
            throw new DecodeException("no map");
        }
        var headers = new LinkedHashMap<String, @Nullable Object>();
        if (fields.get("headers") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> headers.put(String.valueOf(name), value));
        }
        return new Message(
                body(fields.get("body")),
                text(fields.get("type")),
                text(fields.get("encoding")),
                headers,
                new Message.Properties(
                        text(fields.get("correlation_id")),
                        text(fields.get("reply_to")),
                        true,
                        0,
                        null));
    }

    private static byte[] body(@Nullable Object body) {
        try {
            return body instanceof String text ? text.getBytes(UTF_8) : JSON.write(body);
        } catch (EncodeException e) {
            throw new DecodeException("not a body", e);
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }
}
