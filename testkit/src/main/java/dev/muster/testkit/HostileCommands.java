package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Message;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Commands that no worker should obey, and events that no monitor should believe: broken by
/// accident or on purpose, each in its own way. The same seed makes the same messages.
final class HostileCommands {
    private static final int LONG = 100_000;
    private static final int DEEP = 10_000;
    private static final Json JSON = new Json(false);

    /// In place of anything.
    private static final List<@Nullable Object> NONSENSE =
            Arrays.asList(
                    null,
                    true,
                    0,
                    -1,
                    1.5,
                    -1e300,
                    BigInteger.TEN.pow(4_000),
                    Long.MIN_VALUE,
                    "",
                    "x",
                    "\u0000",
                    "\u001b[31m\r\nERROR forged",
                    "\ud800",
                    "../../etc/passwd",
                    "'; DROP TABLE messages; --",
                    "\u0006\u0016",
                    "x".repeat(LONG),
                    List.of(),
                    List.of(List.of(List.of())),
                    Collections.nCopies(10_000, "x"),
                    Map.of(),
                    Map.of("__type__", "nosuch", "__value__", 1),
                    Map.of("a", Map.of("b", List.of(1))));

    private static final List<String> REGEXES =
            List.of(
                    "(a+)+$",
                    "((a*)*)*b",
                    "(.*)*(.*)*x",
                    "([a-z@0-9-]+)*!",
                    "(?:(?:){2147483647}){2147483647}",
                    "((((x{999}){999}){999}){999})",
                    "(?:|)".repeat(80) + "$",
                    "(".repeat(LONG),
                    "[",
                    "\\",
                    "(?<=a)b",
                    "(a)\\1");

    private static final List<String> GLOBS =
            List.of("*a".repeat(LONG), "[", "[!", "[z-a]*", "?".repeat(LONG), "\\*", "", "**!");

    private static final List<@Nullable Object> CLOCKS =
            Arrays.asList(
                    null,
                    -1,
                    Long.MAX_VALUE,
                    Long.MIN_VALUE,
                    1L << 53,
                    1e308,
                    0.5,
                    "7",
                    "NaN",
                    List.of(1),
                    Map.of("a", 1),
                    true);

    /// What each command of Celery takes, with a value that would change something.
    private static final Map<String, Map<String, Object>> COMMANDS =
            Map.ofEntries(
                    Map.entry(
                            "revoke", Map.of("task_id", "t", "terminate", true, "signal", "KILL")),
                    Map.entry("terminate", Map.of("task_id", "t", "signal", "KILL")),
                    Map.entry("revoke_by_stamped_headers", Map.of("headers", Map.of("a", "b"))),
                    Map.entry(
                            "rate_limit",
                            Map.of("task_name", "hostile.quick", "rate_limit", "1/h")),
                    Map.entry(
                            "time_limit",
                            Map.of("task_name", "hostile.quick", "soft", 1, "hard", 2)),
                    Map.entry(
                            "add_consumer",
                            Map.of(
                                    "queue",
                                    "other",
                                    "exchange",
                                    "other",
                                    "exchange_type",
                                    "direct",
                                    "routing_key",
                                    "other")),
                    Map.entry("cancel_consumer", Map.of("queue", "other")),
                    Map.entry("pool_grow", Map.of("n", 1)),
                    Map.entry("pool_shrink", Map.of("n", 1)),
                    Map.entry("autoscale", Map.of("max", 3, "min", 1)),
                    Map.entry("query_task", Map.of("ids", "t")),
                    Map.entry("registered", Map.of("taskinfoitems", "x", "builtins", true)),
                    Map.entry("conf", Map.of("with_defaults", true)),
                    Map.entry("hello", Map.of("from_node", "x@y", "revoked", Map.of())),
                    Map.entry("election", Map.of("id", "1", "topic", "t", "action", "a")),
                    Map.entry("active", Map.of("safe", true)),
                    Map.entry("memdump", Map.of("samples", 1)),
                    Map.entry("objgraph", Map.of("num", 1, "max_depth", 1, "type", "x")),
                    Map.entry("pool_restart", Map.of("modules", "os", "reload", true)));

    private final Random random;
    private final String node;
    private final List<Message> messages = new ArrayList<>();

    /// @param node the worker that is meant
    HostileCommands(long seed, String node) {
        this.random = new Random(seed);
        this.node = node;
    }

    /// More than a thousand commands, each of another kind. None of them may change anything.
    List<Message> commands() {
        wrongFields();
        wrongArguments();
        wrongAudiences();
        wrongReplies();
        wrongBodies("{\"method\": \"shutdown\", \"arguments\": {}, \"destination\": null}");
        wrongHeaders(JSON.write(command("ping", Map.of())));
        damaged(JSON.write(command("shutdown", Map.of())));
        return shuffled();
    }

    /// More than a thousand messages on the exchange of events, each of another kind.
    List<Message> events() {
        for (var type :
                List.of(
                        "task-sent",
                        "task-received",
                        "task-started",
                        "task-succeeded",
                        "task-failed",
                        "task-retried",
                        "task-revoked",
                        "task-odd",
                        "worker-online",
                        "worker-heartbeat",
                        "worker-offline",
                        "worker-elect")) {
            for (var field :
                    List.of(
                            "type",
                            "hostname",
                            "timestamp",
                            "clock",
                            "uuid",
                            "name",
                            "args",
                            "result",
                            "runtime",
                            "freq",
                            "loadavg")) {
                for (var nonsense : NONSENSE) {
                    var event = event(type);
                    event.put(field, nonsense);
                    messages.add(
                            message(JSON.write(random.nextBoolean() ? event : List.of(event))));
                }
            }
        }
        wrongBodies("{\"type\": \"worker-offline\", \"hostname\": \"%s\"}".formatted(node));
        wrongHeaders(JSON.write(event("task-started")));
        damaged(JSON.write(event("task-started")));
        return shuffled();
    }

    private List<Message> shuffled() {
        Collections.shuffle(messages, random);
        return List.copyOf(messages);
    }

    private Map<String, @Nullable Object> event(String type) {
        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("type", type);
        event.put("hostname", "forged@host");
        event.put("timestamp", 1.8e9);
        event.put("clock", 5);
        event.put("uuid", "forged-" + messages.size() % 50);
        event.put("name", "hostile.forged");
        return event;
    }

    private Map<String, @Nullable Object> command(
            String method, Map<String, ? extends @Nullable Object> arguments) {
        var command = new LinkedHashMap<String, @Nullable Object>();
        command.put("method", method);
        command.put("arguments", arguments);
        command.put("destination", null);
        command.put("pattern", null);
        command.put("matcher", null);
        return command;
    }

    /// Each field of a command that would end the worker.
    private void wrongFields() {
        for (var nonsense : NONSENSE) {
            if (nonsense != null) {
                add(command("shutdown", Map.of()), "destination", others(nonsense));
                add(command("shutdown", Map.of()), "reply_to", nonsense, "ticket", "t");
            }
            add(command("shutdown", Map.of()), "method", nonsense);
            if (nonsense != null && !(nonsense instanceof Map)) {
                add(command("shutdown", Map.of()), "arguments", nonsense);
            }
        }
        for (var method :
                List.of("__class__", "control_command", "Shutdown", "shutdown ", "getClass")) {
            add(command(method, Map.of()), "destination", List.of(node));
        }
    }

    /// An empty list of names means everybody, as in Celery.
    private static Object others(Object nonsense) {
        return nonsense instanceof List<?> list && list.isEmpty() ? List.of("nobody") : nonsense;
    }

    /// Each argument of each command.
    private void wrongArguments() {
        COMMANDS.forEach((method, arguments) -> {
            for (var name : arguments.keySet()) {
                for (var nonsense : NONSENSE) {
                    var wrong = new LinkedHashMap<String, @Nullable Object>(arguments);
                    if (harmless(method, name, nonsense)) {
                        wrong.put(name, nonsense);
                        add(command(method, wrong), "destination", List.of(node));
                    }
                }
            }
            var superfluous = new LinkedHashMap<String, @Nullable Object>();
            superfluous.put("self", "x".repeat(LONG));
            if (!List.of("pool_grow", "pool_shrink").contains(method)) {
                add(command(method, superfluous), "destination", List.of(node));
            }
        });
    }

    /// Whether the command is still one that must change nothing. Some arguments are superfluous,
    /// some have a default, and some nonsense is a legal value: then the command is as legal as
    /// any.
    private static boolean harmless(String method, String name, @Nullable Object nonsense) {
        var isText = nonsense instanceof String || nonsense instanceof Number;
        return switch (method) {
            case "rate_limit" -> name.equals("task_name") || !isLegalRate(nonsense);
            case "time_limit" -> name.equals("task_name") || isNoNumber(nonsense);
            case "add_consumer" ->
                    name.equals("queue")
                            ? !isPlainName(nonsense)
                            : nonsense != null && !isPlainName(nonsense);
            // Reads what it did not read.
            case "cancel_consumer" -> true;
            case "pool_grow", "pool_shrink" -> nonsense != null;
            // Remembers an id that no task has.
            case "revoke" -> name.equals("task_id") && !isText && !(nonsense instanceof List);
            case "terminate" -> name.equals("task_id") && !isText && !(nonsense instanceof List);
            case "revoke_by_stamped_headers" -> !(nonsense instanceof Map) && nonsense == null;
            case "hello" -> name.equals("from_node");
            default -> true;
        };
    }

    private static boolean isLegalRate(@Nullable Object value) {
        return Integer.valueOf(0).equals(value)
                || Double.valueOf(1.5).equals(value)
                || "".equals(value);
    }

    private static boolean isNoNumber(@Nullable Object value) {
        return value != null && !(value instanceof Number);
    }

    private static boolean isPlainName(@Nullable Object value) {
        return switch (value) {
            case String text ->
                    !text.isEmpty()
                            && text.length() < 100
                            && text.chars().noneMatch(Character::isISOControl);
            case Number number -> number.toString().length() < 100;
            case null, default -> false;
        };
    }

    /// Patterns that match nobody, or would take for ever to say so.
    private void wrongAudiences() {
        for (var regex : REGEXES) {
            add(command("shutdown", Map.of()), "pattern", regex, "matcher", "pcre");
            add(command("shutdown", Map.of()), "pattern", node + regex, "matcher", "nosuch");
        }
        for (var glob : GLOBS) {
            add(command("shutdown", Map.of()), "pattern", glob, "matcher", "glob");
        }
        for (var nonsense : NONSENSE) {
            if (nonsense != null) {
                add(command("shutdown", Map.of()), "pattern", "*", "matcher", nonsense);
                if (!(nonsense instanceof String)) {
                    add(command("shutdown", Map.of()), "pattern", nonsense, "matcher", "glob");
                }
            }
        }
    }

    /// Answers into the queues of others.
    private void wrongReplies() {
        var exchanges = new ArrayList<@Nullable Object>(NONSENSE);
        exchanges.addAll(
                List.of("amq.topic", "celeryev", "celery.pidbox", "celery", "hostile", "nosuch"));
        for (var exchange : exchanges) {
            for (var key : List.of("celery", "x".repeat(300), "#", node)) {
                var address = new LinkedHashMap<String, @Nullable Object>();
                address.put("exchange", exchange);
                address.put("routing_key", key);
                add(command("ping", Map.of()), "reply_to", address, "ticket", "t");
            }
        }
        for (var nonsense : NONSENSE) {
            var address = new LinkedHashMap<String, @Nullable Object>();
            address.put("exchange", "reply.celery.pidbox");
            address.put("routing_key", nonsense);
            add(command("ping", Map.of()), "reply_to", address, "ticket", "t");
            address.put("routing_key", "nobody");
            add(command("ping", Map.of()), "reply_to", address, "ticket", nonsense);
        }
    }

    /// In other clothes than JSON.
    private void wrongBodies(String good) {
        for (var type :
                Arrays.asList(
                        null,
                        "",
                        "application/x-python-serialize",
                        "application/data",
                        "text/plain",
                        "application/x-msgpack",
                        "text/xml",
                        "json",
                        "x".repeat(200))) {
            messages.add(message(good.getBytes(UTF_8), type, "utf-8", Map.of()));
        }
        for (var compression : List.of("application/x-gzip", "gzip", "zstd", "\u0000")) {
            messages.add(
                    message(
                            ("x" + good).getBytes(UTF_8),
                            "application/json",
                            "utf-8",
                            Map.of("compression", compression)));
        }
        for (var body :
                List.of(
                        "",
                        "null",
                        "1",
                        "\"shutdown\"",
                        "[]",
                        "[" + good + "," + "]",
                        "{" + good,
                        good + good,
                        "[".repeat(DEEP) + "]".repeat(DEEP),
                        "{\"method\":".repeat(DEEP),
                        "{\"method\": NaN}",
                        "{\"a\": %s}".formatted("9".repeat(LONG)),
                        " ".repeat(1 << 20))) {
            messages.add(message(body.getBytes(UTF_8)));
        }
        messages.add(message(good.getBytes(UTF_16)));
    }

    private void wrongHeaders(byte[] body) {
        for (var name : List.of("clock", "expires", "ticket", "hostname")) {
            for (var value : CLOCKS) {
                var headers = new LinkedHashMap<String, @Nullable Object>();
                headers.put(name, value);
                messages.add(message(body, "application/json", "utf-8", headers));
            }
        }
    }

    /// Cut off, with a bit turned, or made of dice alone.
    private void damaged(byte[] good) {
        for (var length = 0; length < good.length; length++) {
            messages.add(message(Arrays.copyOf(good, length)));
        }
        for (var number = 0; number < 100; number++) {
            var bytes = good.clone();
            // Within the names and marks at the beginning: what follows may be turned into another
            // legal message.
            bytes[random.nextInt(8)] ^= (byte) (1 << random.nextInt(3));
            messages.add(message(bytes));
            var dice = new byte[random.nextInt(200)];
            random.nextBytes(dice);
            messages.add(message(dice));
        }
    }

    private void add(Map<String, @Nullable Object> command, @Nullable Object... fields) {
        for (var index = 0; index < fields.length; index += 2) {
            command.put(String.valueOf(fields[index]), fields[index + 1]);
        }
        messages.add(message(JSON.write(command)));
    }

    private static Message message(byte[] body) {
        return message(body, "application/json", "utf-8", Map.of());
    }

    private static Message message(
            byte[] body,
            @Nullable String type,
            @Nullable String encoding,
            Map<String, ? extends @Nullable Object> headers) {
        return new Message(
                body,
                type,
                encoding,
                new LinkedHashMap<>(headers),
                new Message.Properties(null, null, false, 0, null));
    }
}
