package dev.muster.queue.message;

import dev.muster.queue.codec.Compression;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.message.TaskRequest.Embed;
import dev.muster.queue.message.TaskRequest.TimeLimit;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.MusterException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes task messages of Celery's protocol 2, and reads those of protocols 1 and 2 and of the
/// hybrid that some old clients send (celery-wire 1.1 to 1.6). Thread-safe.
public final class TaskProtocol {
    /// What Python cannot write or read is no time: a message would be kept for it for ever.
    private static final Instant END_OF_TIME = Instant.parse("+10000-01-01T00:00:00Z");

    /// In UTF-8 what an index of PostgreSQL can hold; an id is a UUID with 36 characters by custom.
    private static final int LONGEST_ID = 512;

    /// Its own, and a few of the sender's.
    private static final int USUAL_HEADERS = 24;

    private static final Set<String> OWN_HEADERS =
            Set.of(
                    "lang",
                    "task",
                    "id",
                    "shadow",
                    "eta",
                    "expires",
                    "group",
                    "group_index",
                    "retries",
                    "timelimit",
                    "root_id",
                    "parent_id",
                    "argsrepr",
                    "kwargsrepr",
                    "origin",
                    "ignore_result",
                    "replaced_task_nesting",
                    "stamped_headers",
                    "stamps",
                    "compression",
                    TaskRequest.SENT_AT);

    private final Serializers serializers;

    /// @param serializers how bodies are written, and which content is accepted
    public TaskProtocol(Serializers serializers) {
        this.serializers = serializers;
    }

    /// Whether a header of this name is written here, so that a sender can give none.
    public static boolean isOwnHeader(String name) {
        return OWN_HEADERS.contains(name);
    }

    /// How one message is written.
    ///
    /// @param serializer by name; empty for the setting `task_serializer`
    /// @param compression by name; empty for none
    /// @param persistent whether it survives a restart of the broker
    /// @param priority for the broker
    /// @param expirationMillis after which the broker may drop it
    /// @param sentAt when it is sent
    public record Form(
            Optional<String> serializer,
            Optional<String> compression,
            boolean persistent,
            int priority,
            @Nullable Long expirationMillis,
            Instant sentAt) {}

    /// @throws EncodeException when an argument or a time cannot be written
    public Message write(TaskRequest request, Form form) {
        var serializer =
                form.serializer().map(serializers::byName).orElseGet(serializers::forTasks);
        var body =
                serializer.encode(
                        Arrays.asList(request.args(), request.kwargs(), embed(request.embed())));
        var headers = headers(request);
        headers.put(TaskRequest.SENT_AT, form.sentAt().toEpochMilli() / 1000.0);
        if (form.compression().isPresent()) {
            var compression = Compression.byName(form.compression().get());
            body = compression.compress(body);
            headers.put("compression", compression.contentType());
        }
        return new Message(
                body,
                serializer.contentType(),
                serializer.contentEncoding(),
                headers,
                new Message.Properties(
                        request.id(),
                        request.replyTo().orElse(""),
                        form.persistent(),
                        form.priority(),
                        form.expirationMillis()));
    }

    private static Map<String, @Nullable Object> embed(Embed embed) {
        var written = new LinkedHashMap<String, @Nullable Object>();
        written.put("callbacks", nullIfEmpty(embed.callbacks()));
        written.put("errbacks", nullIfEmpty(embed.errbacks()));
        written.put("chain", nullIfEmpty(embed.chain()));
        written.put("chord", embed.chord());
        return written;
    }

    private static @Nullable Object nullIfEmpty(List<@Nullable Object> list) {
        return list.isEmpty() ? null : list;
    }

    private static String time(String name, Instant time) {
        if (!time.isBefore(END_OF_TIME)) {
            throw new EncodeException("the %s is after the year 9999".formatted(name));
        }
        return WireTime.format(time);
    }

    private static Map<String, @Nullable Object> headers(TaskRequest request) {
        var headers = LinkedHashMap.<String, @Nullable Object>newLinkedHashMap(USUAL_HEADERS);
        headers.put("lang", "java");
        headers.put("task", request.task());
        headers.put("id", request.id());
        headers.put("shadow", request.shadow().orElse(null));
        headers.put("eta", request.eta().map(eta -> time("eta", eta)).orElse(null));
        headers.put("expires", request.expires().map(end -> time("expiry", end)).orElse(null));
        headers.put("group", request.group().orElse(null));
        headers.put("group_index", request.groupIndex().orElse(null));
        headers.put("retries", request.retries());
        headers.put(
                "timelimit", Arrays.asList(request.timeLimit().hard(), request.timeLimit().soft()));
        headers.put("root_id", request.rootId().orElse(request.id()));
        headers.put("parent_id", request.parentId().orElse(null));
        headers.put("argsrepr", PythonRepr.args(request.args()));
        headers.put("kwargsrepr", PythonRepr.kwargs(request.kwargs()));
        headers.put("origin", request.origin().orElse(null));
        headers.put("ignore_result", request.ignoreResult().orElse(false));
        headers.put(
                "replaced_task_nesting",
                request.headers().getOrDefault("replaced_task_nesting", 0));
        headers.put("stamped_headers", request.headers().get("stamped_headers"));
        headers.put("stamps", request.headers().getOrDefault("stamps", Map.of()));
        request.headers().forEach(headers::putIfAbsent);
        return headers;
    }

    /// Reads a task message.
    ///
    /// @throws RefusedMessageException when it is none, or its content cannot be read
    public TaskRequest read(Message message) {
        var id =
                message.headers().get("id") instanceof String text && isUsableId(text)
                        ? text
                        : null;
        try {
            if (message.headers().containsKey("task")) {
                return readWithHeaders(message);
            }
            if (serializers.read(message) instanceof Map<?, ?> body && body.containsKey("task")) {
                return readProtocol1(message, new Fields(body));
            }
            throw new Unreadable(
                    "it is no task message: neither the header nor the body names a task");
        } catch (Unreadable | MusterException e) {
            throw new RefusedMessageException(id, String.valueOf(e.getMessage()), e);
        }
    }

    /// Whether every store can keep a result under it.
    private static boolean isUsableId(String id) {
        if (id.isEmpty() || id.length() > LONGEST_ID) {
            return false;
        }
        for (var index = 0; index < id.length(); ) {
            var letter = id.codePointAt(index);
            if (Character.isISOControl(letter)
                    || Character.getType(letter) == Character.SURROGATE) {
                return false;
            }
            index += Character.charCount(letter);
        }
        return true;
    }

    private TaskRequest readWithHeaders(Message message) {
        var headers = new Fields(message.headers());
        var body = serializers.read(message);
        if (body instanceof Map<?, ?> hybrid && hybrid.containsKey("args")) {
            var fields = new Fields(hybrid);
            return request(
                    message,
                    headers,
                    fields.list("args"),
                    fields.map("kwargs"),
                    fields.embed(),
                    true);
        }
        if (!(body instanceof List<?> parts) || parts.size() != 3) {
            throw new Unreadable("the body is no list of args, kwargs and embed");
        }
        var content = new LinkedHashMap<String, @Nullable Object>();
        content.put("args", parts.get(0));
        content.put("kwargs", parts.get(1));
        content.put("embed", parts.get(2));
        var fields = new Fields(content);
        return request(
                message,
                headers,
                fields.list("args"),
                fields.map("kwargs"),
                new Fields(fields.map("embed")).embed(),
                true);
    }

    private static TaskRequest readProtocol1(Message message, Fields body) {
        var utc = !Boolean.FALSE.equals(body.get("utc"));
        return request(message, body, body.list("args"), body.map("kwargs"), body.embed(), utc);
    }

    private static TaskRequest request(
            Message message,
            Fields fields,
            List<@Nullable Object> args,
            Map<String, @Nullable Object> kwargs,
            Embed embed,
            boolean utc) {
        return new TaskRequest(
                fields.text("id")
                        .filter(TaskProtocol::isUsableId)
                        .orElseThrow(() -> new Unreadable("the task's id is missing or unusable")),
                fields.text("task").orElseThrow(() -> new Unreadable("the task's name is missing")),
                args,
                kwargs,
                message.headers(),
                embed,
                fields.time("eta", utc),
                fields.time("expires", utc),
                fields.integer("retries").orElse(0),
                fields.timeLimit(),
                fields.text("root_id"),
                fields.text("parent_id"),
                fields.text("taskset").or(() -> fields.text("group")),
                fields.integer("group_index"),
                fields.text("origin"),
                fields.text("shadow"),
                fields.flag("ignore_result"),
                Optional.ofNullable(message.properties().replyTo())
                        .filter(address -> !address.isEmpty()),
                Optional.ofNullable(message.properties().correlationId()));
    }

    /// A defect of the message, on its way to become a [RefusedMessageException].
    private static final class Unreadable extends RuntimeException {
        private Unreadable(String message) {
            super(message);
        }
    }

    /// The fields of headers or of a protocol 1 body, whose values may be of any type.
    private record Fields(Map<?, ?> values) {
        @Nullable Object get(String name) {
            return values.get(name);
        }

        Optional<String> text(String name) {
            return switch (get(name)) {
                case null -> Optional.empty();
                case String text -> Optional.of(text);
                case Object other -> throw wrong(name, "text", other);
            };
        }

        Optional<Integer> integer(String name) {
            return switch (get(name)) {
                case null -> Optional.empty();
                case Integer number -> Optional.of(number);
                case Long number when number == number.intValue() -> Optional.of(number.intValue());
                case Object other -> throw wrong(name, "a small whole number", other);
            };
        }

        Optional<Boolean> flag(String name) {
            return switch (get(name)) {
                case null -> Optional.empty();
                case Boolean flag -> Optional.of(flag);
                case Object other -> throw wrong(name, "true or false", other);
            };
        }

        /// Absent and null both mean an empty list, as old clients leave out what they do not use.
        List<@Nullable Object> list(String name) {
            return switch (get(name)) {
                case null -> List.of();
                case List<?> list -> Collections.unmodifiableList(new ArrayList<>(list));
                case Object other -> throw wrong(name, "a list", other);
            };
        }

        Map<String, @Nullable Object> map(String name) {
            return switch (get(name)) {
                case null -> Map.of();
                case Map<?, ?> map -> {
                    var copy = new LinkedHashMap<String, @Nullable Object>();
                    map.forEach((key, value) -> copy.put(String.valueOf(key), value));
                    yield copy;
                }
                case Object other -> throw wrong(name, "a map", other);
            };
        }

        Embed embed() {
            var embed = new Embed(list("callbacks"), list("errbacks"), list("chain"), get("chord"));
            return embed.isNothing() ? Embed.NOTHING : embed;
        }

        /// @param utc whether a time without zone is in UTC, and not in the local zone of this
        ///   machine
        Optional<Instant> time(String name, boolean utc) {
            var time =
                    text(name)
                            .map(text ->
                                    WireTime.parse(
                                            text, utc ? ZoneOffset.UTC : ZoneId.systemDefault()));
            if (time.isPresent() && !time.get().isBefore(END_OF_TIME)) {
                throw new Unreadable("'%s' is after the year 9999".formatted(name));
            }
            return time;
        }

        TimeLimit timeLimit() {
            var limits = list("timelimit");
            if (limits.isEmpty()) {
                return TimeLimit.NONE;
            }
            if (limits.size() != 2) {
                throw wrong("timelimit", "a pair of hard and soft limit", limits);
            }
            return new TimeLimit(seconds(limits.get(0)), seconds(limits.get(1)));
        }

        private static @Nullable Double seconds(@Nullable Object value) {
            return switch (value) {
                case null -> null;
                case BigInteger number -> throw wrong("timelimit", "seconds", number);
                case Number number -> number.doubleValue();
                case Object other -> throw wrong("timelimit", "seconds", other);
            };
        }

        private static Unreadable wrong(String name, String expected, Object found) {
            return new Unreadable(
                    "'%s' should be %s, but is a %s"
                            .formatted(name, expected, found.getClass().getSimpleName()));
        }
    }
}
