package dev.muster.queue;

import static dev.muster.queue.CommandTable.answer;
import static dev.muster.queue.CommandTable.ok;

import dev.muster.queue.codec.LogText;
import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.codec.WireTime;
import dev.muster.queue.control.Arguments;
import dev.muster.queue.control.CommandException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Commands about the tasks of a worker (celery-wire 7.3, 7.4): which it knows, which it has, how
/// fast and how long they may run, and which it shall not run.
final class TaskCommands {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final List<String> SHOWN = List.of("exchange", "routing_key", "rate_limit");

    private final Muster muster;
    private final String hostname;
    private final Roster tasks;
    private final RateLimits rateLimits;
    private final Supervisor supervisor;

    TaskCommands(
            Muster muster,
            String hostname,
            Roster tasks,
            RateLimits rateLimits,
            Supervisor supervisor) {
        this.muster = muster;
        this.hostname = hostname;
        this.tasks = tasks;
        this.rateLimits = rateLimits;
        this.supervisor = supervisor;
    }

    CommandTable addTo(CommandTable table) {
        return table.with(_ -> ok("pong"), "ping")
                .with(this::active, "active", "dump_active")
                .with(this::reserved, "reserved", "dump_reserved")
                .with(this::scheduled, "scheduled", "dump_schedule")
                .with(_ -> supervisor.revoked(), "revoked", "dump_revoked")
                .with(this::registered, "registered", "dump_tasks")
                .with(this::queryTask, "query_task")
                .with(_ -> answer("clock", muster.logicalClock().now()), "clock")
                .with(this::hello, "hello")
                .with(arguments -> revoke(arguments, arguments.flag("terminate")), "revoke")
                .with(arguments -> revoke(arguments, true), "terminate")
                .with(this::revokeByStamps, "revoke_by_stamped_headers")
                .with(this::rateLimit, "rate_limit")
                .with(this::timeLimit, "time_limit");
    }

    private List<Map<String, @Nullable Object>> describe(
            List<TaskExecution> executions, Arguments arguments) {
        return executions.stream()
                .map(execution -> execution.describe(hostname, arguments.flag("safe")))
                .toList();
    }

    private Object active(Arguments arguments) {
        return describe(tasks.active(), arguments);
    }

    private Object reserved(Arguments arguments) {
        return describe(tasks.reserved(), arguments);
    }

    private Object scheduled(Arguments arguments) {
        return tasks.scheduled().stream()
                .map(execution -> {
                    var entry = new LinkedHashMap<String, @Nullable Object>();
                    entry.put("eta", execution.eta().map(WireTime::format).orElse(null));
                    entry.put("priority", 6);
                    entry.put("request", execution.describe(hostname, arguments.flag("safe")));
                    return entry;
                })
                .toList();
    }

    private Object registered(Arguments arguments) {
        var items =
                arguments.values().get("taskinfoitems") instanceof List<?> names && !names.isEmpty()
                        ? names.stream().map(String::valueOf).toList()
                        : SHOWN;
        var builtIns = arguments.flag("builtins");
        return muster.registry().all().stream()
                .filter(task -> builtIns || !task.name().startsWith("celery."))
                .map(task -> withItems(task, items))
                .toList();
    }

    private String withItems(TaskDefinition task, List<String> items) {
        var shown =
                items.stream()
                        .flatMap(item -> item(task, item).map(value -> item + "=" + value).stream())
                        .collect(Collectors.joining(" "));
        return shown.isEmpty() ? task.name() : "%s [%s]".formatted(task.name(), shown);
    }

    private Optional<String> item(TaskDefinition task, String item) {
        return switch (item) {
            case "rate_limit" -> rateLimits.of(task).map(RateLimit::text);
            case "routing_key", "queue", "priority", "serializer" ->
                    task.options().entrySet().stream()
                            .filter(option -> option.getKey().name().equals(item))
                            .map(option -> String.valueOf(option.getValue()))
                            .findFirst();
            default -> Optional.empty();
        };
    }

    private Object queryTask(Arguments arguments) {
        var wanted = arguments.texts("ids");
        var answer = new LinkedHashMap<String, @Nullable Object>();
        add(answer, wanted, "reserved", tasks.scheduled());
        add(answer, wanted, "reserved", tasks.reserved());
        add(answer, wanted, "active", tasks.active());
        return answer;
    }

    private void add(
            Map<String, @Nullable Object> answer,
            List<String> wanted,
            String state,
            List<TaskExecution> executions) {
        executions.stream()
                .filter(execution -> wanted.contains(execution.id()))
                .forEach(execution ->
                        answer.put(
                                execution.id(),
                                List.of(state, execution.describe(hostname, false))));
    }

    /// Another worker introduces itself: it learns which tasks are revoked, and tells which it
    /// knows of (celery-wire 8.5).
    private @Nullable Object hello(Arguments arguments) {
        if (arguments.optionalText("from_node").filter(hostname::equals).isPresent()) {
            return null;
        }
        var known = ids(arguments.values().get("revoked"));
        if (!known.isEmpty()) {
            supervisor.revoke(Revocation.ofIds(known, null));
        }
        var answer = new LinkedHashMap<String, @Nullable Object>();
        var revoked = new LinkedHashMap<String, Object>();
        // A time for each, which must be a float; nobody compares those of other machines.
        supervisor.revoked().forEach(id -> revoked.put(id, List.of(0.5, id)));
        answer.put("revoked", revoked);
        answer.put("clock", muster.logicalClock().now());
        return answer;
    }

    /// Of the answer to a hello.
    static List<String> revokedIds(@Nullable Object answer) {
        return answer instanceof Map<?, ?> map ? ids(map.get("revoked")) : List.of();
    }

    /// Of a map by ids, or a list of them.
    private static List<String> ids(@Nullable Object revoked) {
        return switch (revoked) {
            case Map<?, ?> map -> map.keySet().stream().map(String::valueOf).toList();
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case null, default -> List.of();
        };
    }

    private Object revoke(Arguments arguments, boolean terminate) {
        var ids = arguments.texts("task_id");
        LOG.info("Tasks flagged as revoked: {}", LogText.of(String.join(", ", ids)));
        var signal = terminate ? signal(arguments) : null;
        var stopped = supervisor.revoke(Revocation.ofIds(ids, signal));
        if (terminate) {
            return ok(
                    stopped.isEmpty()
                            ? "terminate: tasks unknown"
                            : "terminate: " + String.join(", ", stopped));
        }
        return ok(
                ids.stream()
                        .map(PythonRepr::value)
                        .collect(Collectors.joining(", ", "tasks {", "} flagged as revoked")));
    }

    private Object revokeByStamps(Arguments arguments) {
        var stamps = Revocation.stamps(arguments.values().get("headers"));
        var shown = PythonRepr.value(stamps);
        LOG.info("Tasks with these stamps flagged as revoked: {}", LogText.of(shown));
        var terminate = arguments.flag("terminate");
        var stopped =
                supervisor.revoke(
                        new Revocation(
                                new Revocation.Target.Stamps(stamps),
                                terminate ? signal(arguments) : null));
        return ok(
                !terminate
                        ? "headers %s flagged as revoked, but not terminated".formatted(shown)
                        : stopped.isEmpty()
                                ? "headers %s were not terminated".formatted(shown)
                                : "headers %s revoked".formatted(shown));
    }

    private static Signal signal(Arguments arguments) {
        try {
            return arguments.optionalText("signal").map(Signal::of).orElse(Signal.TERM);
        } catch (IllegalArgumentException e) {
            throw new CommandException("ValueError(\"%s\")".formatted(e.getMessage()));
        }
    }

    private TaskDefinition task(Arguments arguments) {
        return muster.registry()
                .find(arguments.text("task_name"))
                .orElseThrow(() -> new CommandException("unknown task"));
    }

    private Object rateLimit(Arguments arguments) {
        var text =
                Stream.of(arguments.text("rate_limit"))
                        .map(given -> given.equals("null") ? "" : given)
                        .findFirst()
                        .orElse("");
        Optional<RateLimit> limit;
        try {
            limit = RateLimit.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "Invalid rate limit string: ValueError(\"could not convert string to float: %s\")"
                            .formatted(PythonRepr.value(text)));
        }
        var task = task(arguments);
        rateLimits.change(task, limit);
        LOG.info("New rate limit for tasks of type {}: {}", task.name(), text);
        return ok(
                limit.isPresent()
                        ? "new rate limit set successfully"
                        : "rate limit disabled successfully");
    }

    private Object timeLimit(Arguments arguments) {
        var task = task(arguments);
        var limits = new TimeLimits(limit(arguments, "hard"), limit(arguments, "soft"));
        supervisor.changeTimeLimits(task.name(), limits);
        LOG.info("New time limits for tasks of type {}: {}", task.name(), limits);
        return ok("time limits set successfully");
    }

    private static Optional<Duration> limit(Arguments arguments, String name) {
        return arguments
                .number(name)
                .filter(seconds -> seconds > 0)
                .map(seconds -> Duration.ofNanos((long) (seconds * 1e9)));
    }
}
