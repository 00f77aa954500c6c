package dev.muster.queue.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A setting that Muster knows: its name, which is Celery's where Celery has it, its type and its
/// default.
///
/// @param <T> the type of its value
public final class Setting<T> {
    private static final Map<String, Setting<?>> ALL = new TreeMap<>();
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d)?");

    public static final Setting<String> BROKER_URL =
            text(
                    "broker_url",
                    "sqlite:.muster/queue.db",
                    "where tasks are sent; several URLs separated by ';' fail over");
    public static final Setting<Optional<String>> RESULT_BACKEND =
            optionalText(
                    "result_backend",
                    "where results are kept; unset: the broker's own server, for RabbitMQ rpc://");
    public static final Setting<Map<String, Object>> BROKER_TRANSPORT_OPTIONS =
            map(
                    "broker_transport_options",
                    "options of the broker, such as visibility_timeout, global_keyprefix, priority_steps");
    public static final Setting<Map<String, Object>> RESULT_BACKEND_TRANSPORT_OPTIONS =
            map(
                    "result_backend_transport_options",
                    "options of the result store, such as global_keyprefix");
    public static final Setting<Map<String, Object>> BROKER_USE_SSL =
            map(
                    "broker_use_ssl",
                    "speak to the broker over TLS: ca_certs, certfile, keyfile, keyfile_password, cert_reqs, check_hostname");
    public static final Setting<Map<String, Object>> REDIS_BACKEND_USE_SSL =
            map(
                    "redis_backend_use_ssl",
                    "speak to Redis as result store over TLS: as broker_use_ssl");
    public static final Setting<Duration> BROKER_CONNECTION_TIMEOUT =
            duration(
                    "broker_connection_timeout",
                    Duration.ofSeconds(4),
                    "how long to wait for a connection");
    public static final Setting<Duration> BROKER_HEARTBEAT =
            duration("broker_heartbeat", Duration.ofMinutes(2), "AMQP heartbeat; 0 for none");

    public static final Setting<Boolean> BROKER_CONNECTION_RETRY =
            flag(
                    "broker_connection_retry",
                    true,
                    "a worker that has lost the broker tries to reach it again; off: it stops");
    public static final Setting<Optional<Boolean>> BROKER_CONNECTION_RETRY_ON_STARTUP =
            optional(
                    "broker_connection_retry_on_startup",
                    "the same when it has not reached it yet; unset: as broker_connection_retry",
                    Setting::toFlag);
    public static final Setting<Optional<Integer>> BROKER_CONNECTION_MAX_RETRIES =
            new Setting<>(
                    "broker_connection_max_retries",
                    Optional.empty(),
                    "how often in a row; 0 or none: for ever",
                    value ->
                            isNone(value)
                                    ? Optional.empty()
                                    : Optional.of(toInteger(value)).filter(count -> count > 0));
    public static final Setting<Boolean> BROKER_CHANNEL_ERROR_RETRY =
            flag(
                    "broker_channel_error_retry",
                    false,
                    "a worker tries again also when the broker has refused something; off: it stops");
    public static final Setting<String> BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE =
            choice(
                    "broker_native_delayed_delivery_queue_type",
                    "quorum",
                    "type of the delay queues on RabbitMQ: classic or quorum",
                    "classic");
    public static final Setting<Duration> REDIS_SOCKET_TIMEOUT =
            new Setting<>(
                    "redis_socket_timeout",
                    Duration.ofSeconds(30),
                    "how long an answer of a Redis result store may take",
                    value -> {
                        var timeout = toDuration(value);
                        if (timeout.isZero()) {
                            throw new IllegalArgumentException("must be longer than 0");
                        }
                        return timeout;
                    });
    public static final Setting<Optional<Duration>> REDIS_SOCKET_CONNECT_TIMEOUT =
            optionalDuration(
                    "redis_socket_connect_timeout",
                    "how long to wait for a connection to it; unset: broker_connection_timeout");

    public static final Setting<List<String>> ACCEPT_CONTENT =
            list(
                    "accept_content",
                    List.of("json"),
                    "content types that are read: json, msgpack, yaml, auth, or their MIME types; unset with task_serializer auth: auth alone");
    public static final Setting<String> TASK_SERIALIZER =
            text(
                    "task_serializer",
                    "json",
                    "how arguments are written: json, msgpack, yaml; auth: as signed JSON");
    public static final Setting<String> EVENT_SERIALIZER =
            text("event_serializer", "json", "how events are written: json, msgpack, yaml, auth");
    public static final Setting<Optional<String>> SECURITY_KEY =
            optionalText("security_key", "file with the private key that signs messages, in PEM");
    public static final Setting<Optional<String>> SECURITY_KEY_PASSWORD =
            optionalText("security_key_password", "what that key is encrypted with");
    public static final Setting<Optional<String>> SECURITY_CERTIFICATE =
            optionalText("security_certificate", "file with the certificate of that key, in PEM");
    public static final Setting<Optional<String>> SECURITY_CERT_STORE =
            optionalText(
                    "security_cert_store",
                    "certificates of those whose messages are read: a folder, or a pattern such as /etc/muster/certs/*.pem");
    public static final Setting<String> SECURITY_DIGEST =
            text(
                    "security_digest",
                    "sha256",
                    "with which messages are signed: sha224, sha256, sha384, sha512");
    public static final Setting<String> SECURITY_FORMAT =
            text(
                    "security_format",
                    "celery-5.3",
                    "whose form of signed messages is written: celery-5.3, or celery-5.2; both are read");
    public static final Setting<Optional<String>> TASK_COMPRESSION =
            optionalText(
                    "task_compression", "how message bodies are compressed: gzip, zlib, bzip2");
    public static final Setting<Boolean> JSON_TYPED_VALUES =
            flag(
                    "json_typed_values",
                    true,
                    "write dates, decimals, UUIDs and bytes as kombu 5.3 and later read them; off for clusters with Celery 5.2");
    public static final Setting<Long> MESSAGE_MAX_BYTES =
            number(
                    "message_max_bytes",
                    64L << 20,
                    "larger message bodies are refused, also after decompression");

    public static final Setting<String> TASK_DEFAULT_QUEUE =
            text("task_default_queue", "celery", "the queue of tasks that name none");
    public static final Setting<String> TASK_DEFAULT_QUEUE_TYPE =
            text(
                    "task_default_queue_type",
                    "classic",
                    "type of the default queue on RabbitMQ: classic or quorum");
    public static final Setting<Optional<String>> TASK_DEFAULT_EXCHANGE =
            optionalText(
                    "task_default_exchange",
                    "exchange of the default queue; unset: called as the queue");
    public static final Setting<String> TASK_DEFAULT_EXCHANGE_TYPE =
            choice(
                    "task_default_exchange_type",
                    "direct",
                    "type of that exchange: direct, topic or fanout",
                    "topic",
                    "fanout");
    public static final Setting<Optional<String>> TASK_DEFAULT_ROUTING_KEY =
            optionalText(
                    "task_default_routing_key",
                    "routing key of the default queue; unset: its name");
    public static final Setting<Boolean> TASK_CREATE_MISSING_QUEUES =
            flag(
                    "task_create_missing_queues",
                    true,
                    "a queue that is not in task_queues is created; off: it is an error");
    public static final Setting<String> TASK_CREATE_MISSING_QUEUE_TYPE =
            text(
                    "task_create_missing_queue_type",
                    "classic",
                    "type of other queues on RabbitMQ: classic or quorum");
    public static final Setting<String> TASK_CREATE_MISSING_QUEUE_EXCHANGE_TYPE =
            choice(
                    "task_create_missing_queue_exchange_type",
                    "direct",
                    "type of their exchanges: direct, topic or fanout",
                    "topic",
                    "fanout");
    public static final Setting<Optional<Integer>> TASK_QUEUE_MAX_PRIORITY =
            optionalNumber(
                    "task_queue_max_priority",
                    "x-max-priority of queues on RabbitMQ; without it RabbitMQ has no priorities");
    public static final Setting<Optional<Integer>> TASK_DEFAULT_PRIORITY =
            optionalNumber("task_default_priority", "priority of tasks that name none");
    public static final Setting<Boolean> TASK_INHERIT_PARENT_PRIORITY =
            flag(
                    "task_inherit_parent_priority",
                    false,
                    "tasks that a task sends, and those that follow it, get its priority");
    public static final Setting<Integer> TASK_DEFAULT_DELIVERY_MODE =
            new Setting<>(
                    "task_default_delivery_mode",
                    2,
                    "2 (persistent): messages survive a restart of the broker; 1 (transient): they need not",
                    value ->
                            switch (value.toString()) {
                                case "2", "persistent" -> 2;
                                case "1", "transient" -> 1;
                                default ->
                                        throw new IllegalArgumentException(
                                                "expected 1 (transient) or 2 (persistent), was '"
                                                        + value
                                                        + "'");
                            });
    public static final Setting<Map<String, Object>> TASK_QUEUES =
            map(
                    "task_queues",
                    "queues by name, each with exchange, exchange_type, routing_key, queue_arguments, broadcast");
    public static final Setting<Boolean> TASK_ACKS_LATE =
            flag("task_acks_late", false, "acknowledge after the task has run instead of before");
    public static final Setting<Boolean> TASK_ACKS_ON_FAILURE_OR_TIMEOUT =
            flag(
                    "task_acks_on_failure_or_timeout",
                    true,
                    "acknowledge late also what failed; off: give it to the dead-letter exchange, or back after a time limit");
    public static final Setting<Boolean> TASK_REJECT_ON_WORKER_LOST =
            flag(
                    "task_reject_on_worker_lost",
                    false,
                    "give a task back that is acknowledged late when its child process dies; the third time it fails");
    public static final Setting<Optional<Duration>> TASK_TIME_LIMIT =
            optionalDuration(
                    "task_time_limit", "after which a task is given up, if it says nothing else");
    public static final Setting<Optional<Duration>> TASK_SOFT_TIME_LIMIT =
            optionalDuration(
                    "task_soft_time_limit",
                    "after which a task is interrupted, if it says nothing else");
    public static final Setting<Optional<String>> TASK_DEFAULT_RATE_LIMIT =
            optionalText(
                    "task_default_rate_limit",
                    "how often a worker starts a task that says nothing else: 10/s, 100/m, 5/h");
    public static final Setting<Map<String, Object>> TASK_ROUTES =
            map(
                    "task_routes",
                    "where tasks are sent, by name, pattern (feed.*) or regular expression (^feed)");
    public static final Setting<Boolean> TASK_IGNORE_RESULT =
            flag("task_ignore_result", false, "do not store results of tasks that do not say");
    public static final Setting<Boolean> TASK_STORE_ERRORS_EVEN_IF_IGNORED =
            flag(
                    "task_store_errors_even_if_ignored",
                    false,
                    "store failures of tasks whose result is ignored");
    public static final Setting<Boolean> TASK_TRACK_STARTED =
            flag("task_track_started", false, "store the state STARTED when a task begins");
    public static final Setting<Boolean> TASK_ALLOW_ERROR_CB_ON_CHORD_HEADER =
            flag(
                    "task_allow_error_cb_on_chord_header",
                    false,
                    "error callbacks of a chord are called for each member that fails, too");
    public static final Setting<Boolean> TASK_SEND_SENT_EVENT =
            flag("task_send_sent_event", false, "tell monitors of each task that is sent");
    public static final Setting<Boolean> TASK_PUBLISH_RETRY =
            flag("task_publish_retry", true, "try again to send while the broker is away");
    public static final Setting<Map<String, Object>> TASK_PUBLISH_RETRY_POLICY =
            map(
                    "task_publish_retry_policy",
                    "max_retries (3), interval_start (0), interval_step (0.2), interval_max (1), in seconds");

    public static final Setting<Optional<Duration>> RESULT_EXPIRES =
            new Setting<>(
                    "result_expires",
                    Optional.of(Duration.ofDays(1)),
                    "how long results are kept; 0 or none: for ever",
                    Setting::toOptionalDuration);
    public static final Setting<Boolean> RESULT_BACKEND_ALWAYS_RETRY =
            flag(
                    "result_backend_always_retry",
                    false,
                    "a worker tries to store a result until it is stored; off: for about a minute");
    public static final Setting<Optional<Integer>> RESULT_BACKEND_MAX_RETRIES =
            optionalNumber(
                    "result_backend_max_retries",
                    "how often, with result_backend_always_retry; none: without limit");
    public static final Setting<Duration> RESULT_CHORD_RETRY_INTERVAL =
            duration(
                    "result_chord_retry_interval",
                    Duration.ofSeconds(1),
                    "how often to look whether a chord is complete, where the result store does not count");
    public static final Setting<Boolean> RESULT_EXTENDED =
            flag(
                    "result_extended",
                    false,
                    "store name, arguments, worker and retries with the result");
    public static final Setting<Boolean> RESULT_PERSISTENT =
            flag("result_persistent", false, "send rpc:// results as persistent messages");

    public static final Setting<Integer> WORKER_CONCURRENCY =
            integer(
                    "worker_concurrency",
                    0,
                    "how many tasks run at once; 0: the number of processors");
    public static final Setting<Boolean> WORKER_DISABLE_PREFETCH =
            flag(
                    "worker_disable_prefetch",
                    false,
                    "take a message only when it can run at once, as with a worker_prefetch_multiplier of 1");
    public static final Setting<Optional<Integer>> WORKER_ETA_TASK_LIMIT =
            optionalNumber(
                    "worker_eta_task_limit",
                    "how many messages a worker keeps until their time, besides those it prefetches");
    public static final Setting<Boolean> WORKER_DIRECT =
            flag(
                    "worker_direct",
                    false,
                    "each worker also reads a queue of its own, NODE.dq2, such as muster@web1.dq2");
    public static final Setting<Optional<String>> WORKER_STATE_DB =
            optionalText(
                    "worker_state_db",
                    "the file in which ids of revoked tasks survive a restart; each worker needs its own");
    public static final Setting<Boolean> WORKER_DEDUPLICATE_SUCCESSFUL_TASKS =
            flag(
                    "worker_deduplicate_successful_tasks",
                    false,
                    "a task that is acknowledged late, comes again and has succeeded does not run again");
    public static final Setting<Boolean> WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS =
            flag(
                    "worker_cancel_long_running_tasks_on_connection_loss",
                    false,
                    "tasks that are acknowledged late, and so will come again, are interrupted when the broker is lost");
    public static final Setting<Boolean> WORKER_ENABLE_REMOTE_CONTROL =
            flag(
                    "worker_enable_remote_control",
                    true,
                    "hear commands such as ping, revoke and shutdown, and answer them");
    public static final Setting<Boolean> WORKER_SEND_TASK_EVENTS =
            flag(
                    "worker_send_task_events",
                    false,
                    "tell monitors what happens with each task, from the start on");
    public static final Setting<Boolean> WORKER_DISABLE_RATE_LIMITS =
            flag("worker_disable_rate_limits", false, "start tasks as often as they come");
    public static final Setting<Duration> WORKER_WARM_SHUTDOWN_TIMEOUT =
            duration(
                    "worker_warm_shutdown_timeout",
                    Duration.ZERO,
                    "how long tasks may run on when a worker is stopped; 0: as long as they take");
    public static final Setting<Duration> WORKER_SOFT_SHUTDOWN_TIMEOUT =
            duration(
                    "worker_soft_shutdown_timeout",
                    Duration.ZERO,
                    "how long tasks may run on when a worker is to quit; 0: not at all");
    public static final Setting<Boolean> WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE =
            flag(
                    "worker_enable_soft_shutdown_on_idle",
                    false,
                    "take worker_soft_shutdown_timeout to quit also when no task runs");
    public static final Setting<Integer> WORKER_MAX_TASKS_PER_CHILD =
            integer(
                    "worker_max_tasks_per_child",
                    0,
                    "after how many tasks a child process is replaced; 0: never");
    public static final Setting<Long> WORKER_MAX_MEMORY_PER_CHILD =
            number(
                    "worker_max_memory_per_child",
                    0,
                    "a child process with more KiB of memory after a task is replaced; 0: never");
    public static final Setting<Integer> WORKER_PREFETCH_MULTIPLIER =
            integer(
                    "worker_prefetch_multiplier",
                    4,
                    "messages fetched ahead, times concurrency; 0: without limit");

    public static final Setting<String> CONTROL_EXCHANGE =
            text(
                    "control_exchange",
                    "celery",
                    "what the exchanges of commands are called after: NAME.pidbox, reply.NAME.pidbox");
    public static final Setting<Duration> CONTROL_QUEUE_TTL =
            duration(
                    "control_queue_ttl",
                    Duration.ofMinutes(5),
                    "RabbitMQ: after which a command that nobody took is dropped");
    public static final Setting<Duration> CONTROL_QUEUE_EXPIRES =
            duration(
                    "control_queue_expires",
                    Duration.ofSeconds(10),
                    "RabbitMQ: after which a queue for commands that nobody reads is deleted");
    public static final Setting<String> EVENT_EXCHANGE =
            text("event_exchange", "celeryev", "the exchange of events");
    public static final Setting<String> EVENT_QUEUE_PREFIX =
            text("event_queue_prefix", "celeryev", "what the names of queues of events begin with");
    public static final Setting<Duration> EVENT_QUEUE_TTL =
            duration(
                    "event_queue_ttl",
                    Duration.ofSeconds(5),
                    "RabbitMQ: after which an event that nobody took is dropped");
    public static final Setting<Duration> EVENT_QUEUE_EXPIRES =
            duration(
                    "event_queue_expires",
                    Duration.ofSeconds(60),
                    "RabbitMQ: after which a queue for events that nobody reads is deleted");

    public static final Setting<String> TIMEZONE =
            text("timezone", "UTC", "the time zone that crontabs of the schedule are meant in");
    public static final Setting<Map<String, Object>> BEAT_SCHEDULE =
            map(
                    "beat_schedule",
                    "what a beat sends, by name, each with task, schedule, args, kwargs, options, relative, missed, jitter");
    public static final Setting<String> BEAT_SCHEDULE_FILENAME =
            text(
                    "beat_schedule_filename",
                    ".muster/schedule.json",
                    "the file in which a beat keeps when it ran what");
    public static final Setting<Optional<String>> BEAT_SCHEDULE_STORE =
            optionalText(
                    "beat_schedule_store",
                    "where beats keep that instead of in a file: redis://…, sqlite:…, postgresql://…");
    public static final Setting<Duration> BEAT_LEASE =
            duration(
                    "beat_lease",
                    Duration.ofSeconds(30),
                    "after which a beat that gives no sign of life is replaced by another");
    public static final Setting<Duration> BEAT_MAX_LOOP_INTERVAL =
            new Setting<>(
                    "beat_max_loop_interval",
                    Duration.ofMinutes(5),
                    "how long a beat waits at the most before it looks for changes of its schedule; 0: five minutes",
                    value -> {
                        var interval = toDuration(value);
                        return interval.isZero() ? Duration.ofMinutes(5) : interval;
                    });
    public static final Setting<Optional<Duration>> BEAT_CRON_STARTING_DEADLINE =
            optional(
                    "beat_cron_starting_deadline",
                    "how late a run of a crontab may be and still be sent",
                    Setting::toDuration);

    /// What a number of nanoseconds can tell, more or less.
    private static final Duration LONGEST = Duration.ofDays(100_000);

    private final String name;
    private final T defaultValue;
    private final String description;
    private final Function<Object, T> reader;

    private Setting(String name, T defaultValue, String description, Function<Object, T> reader) {
        this.name = name;
        this.defaultValue = defaultValue;
        this.description = description;
        this.reader = reader;
        ALL.put(name, this);
    }

    /// Every setting by name, sorted.
    public static Map<String, Setting<?>> all() {
        return new TreeMap<>(ALL);
    }

    public String name() {
        return name;
    }

    public T defaultValue() {
        return defaultValue;
    }

    /// What it does, in half a sentence.
    public String description() {
        return description;
    }

    /// Reads a value as it stands in a file, in the environment or in code.
    ///
    /// @throws SettingsException when it is not of this setting's type
    T read(Object value) {
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException e) {
            throw new SettingsException("setting %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static Setting<String> text(String name, String defaultValue, String description) {
        return new Setting<>(name, defaultValue, description, Object::toString);
    }

    private static Setting<Optional<String>> optionalText(String name, String description) {
        return new Setting<>(
                name,
                Optional.empty(),
                description,
                value -> Optional.of(value.toString()).filter(t -> !t.isEmpty() && !isNone(t)));
    }

    private static Setting<Boolean> flag(String name, boolean defaultValue, String description) {
        return new Setting<>(name, defaultValue, description, Setting::toFlag);
    }

    private static boolean toFlag(Object value) {
        return switch (value.toString().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "expected true or false, was '" + value + "'");
        };
    }

    /// @param others what it may be besides the default
    private static Setting<String> choice(
            String name, String defaultValue, String description, String... others) {
        var choices = new ArrayList<>(List.of(others));
        choices.addFirst(defaultValue);
        return new Setting<>(
                name,
                defaultValue,
                description,
                value -> {
                    if (!choices.contains(value.toString())) {
                        throw new IllegalArgumentException(
                                "expected %s, was '%s'"
                                        .formatted(String.join(" or ", choices), value));
                    }
                    return value.toString();
                });
    }

    private static Setting<Integer> integer(String name, int defaultValue, String description) {
        return new Setting<>(name, defaultValue, description, Setting::toInteger);
    }

    private static Setting<Long> number(String name, long defaultValue, String description) {
        return new Setting<>(name, defaultValue, description, Setting::toLong);
    }

    private static Setting<Optional<Integer>> optionalNumber(String name, String description) {
        return optional(name, description, Setting::toInteger);
    }

    /// `none` takes back what was said before, in a file for example.
    private static <T> Setting<Optional<T>> optional(
            String name, String description, Function<Object, T> reader) {
        return new Setting<>(
                name,
                Optional.empty(),
                description,
                value -> isNone(value) ? Optional.empty() : Optional.of(reader.apply(value)));
    }

    private static boolean isNone(Object value) {
        return value.toString().equalsIgnoreCase("none");
    }

    private static Setting<Duration> duration(
            String name, Duration defaultValue, String description) {
        return new Setting<>(name, defaultValue, description, Setting::toDuration);
    }

    private static Setting<Optional<Duration>> optionalDuration(String name, String description) {
        return new Setting<>(name, Optional.empty(), description, Setting::toOptionalDuration);
    }

    /// Empty for 0 and for `none`.
    private static Optional<Duration> toOptionalDuration(Object value) {
        return isNone(value)
                ? Optional.empty()
                : Optional.of(toDuration(value)).filter(duration -> !duration.isZero());
    }

    private static Setting<List<String>> list(
            String name, List<String> defaultValue, String description) {
        return new Setting<>(
                name,
                defaultValue,
                description,
                value -> {
                    if (value instanceof List<?> items) {
                        if (items.stream().anyMatch(Objects::isNull)) {
                            throw new IllegalArgumentException(
                                    "a list with an item that is empty: '%s'".formatted(value));
                        }
                        return items.stream().map(Object::toString).toList();
                    }
                    var items = new ArrayList<String>();
                    for (var item : value.toString().split(",", -1)) {
                        items.add(item.strip());
                    }
                    return List.copyOf(items);
                });
    }

    private static Setting<Map<String, Object>> map(String name, String description) {
        return new Setting<>(
                name,
                Map.of(),
                description,
                value -> {
                    if (isNone(value)) {
                        return Map.of();
                    }
                    if ((value instanceof String text ? parse(text) : value)
                            instanceof Map<?, ?> entries) {
                        var copy = new LinkedHashMap<String, Object>();
                        entries.forEach((key, item) -> copy.put(String.valueOf(key), item));
                        return copy;
                    }
                    throw new IllegalArgumentException(
                            "expected a map of names to values, such as {name: value}, was '"
                                    + value
                                    + "'");
                });
    }

    /// A map in a variable or an option is written as in `muster.yaml`, on one line.
    private static @Nullable Object parse(String text) {
        try {
            return SettingsYaml.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected a map such as {name: value}: " + e.getMessage(), e);
        }
    }

    /// @throws IllegalArgumentException for anything else than a whole number that is not negative
    public static int toInteger(Object value) {
        var number = toLong(value);
        if (number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "must be <= %d, was %d".formatted(Integer.MAX_VALUE, number));
        }
        return (int) number;
    }

    private static long toLong(Object value) {
        try {
            var number = Long.parseLong(value.toString().strip());
            if (number < 0) {
                throw new IllegalArgumentException("must be >= 0, was " + number);
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a whole number, was '" + value + "'", e);
        }
    }

    /// Seconds as a number, or a number with its unit: `500ms`, `30s`, `5m`, `1h`, `7d`.
    ///
    /// @throws IllegalArgumentException for anything else
    public static Duration toDuration(Object value) {
        if (value instanceof Duration duration) {
            return duration;
        }
        var matcher = DURATION.matcher(value.toString().strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected seconds, or a number with the unit ms, s, m, h or d, was '"
                            + value
                            + "'");
        }
        var number = Double.parseDouble(matcher.group(1));
        var millis =
                switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    case "d" -> 86_400_000;
                    case null, default -> 1_000;
                };
        if (number * millis > LONGEST.toMillis()) {
            throw new IllegalArgumentException(
                    "must be at most %dd, was '%s'".formatted(LONGEST.toDays(), value));
        }
        return Duration.ofMillis(Math.round(number * millis));
    }
}
