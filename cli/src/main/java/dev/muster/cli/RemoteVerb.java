package dev.muster.cli;

import dev.muster.queue.spi.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A command to workers, and the words that it takes on the command line, in Celery's order.
///
/// @param words what each word is; one in brackets may be left out, one that ends with `…` may come
///   several times
record RemoteVerb(String name, String description, List<String> words) {
    static final List<RemoteVerb> INSPECT =
            List.of(
                    of("ping", "who listens"),
                    of("active", "the tasks that run"),
                    of("reserved", "the tasks that wait in the worker"),
                    of("scheduled", "the tasks that wait in the worker for their time"),
                    of("revoked", "the ids of tasks that will not be started"),
                    of("registered", "the tasks that the worker knows", "[taskinfoitems…]"),
                    of("stats", "numbers about the worker"),
                    of("active_queues", "the queues that it reads"),
                    of("conf", "its settings, without secrets", "[with_defaults]"),
                    of("report", "its versions and servers"),
                    of("clock", "its logical clock"),
                    of("query_task", "what the worker knows of these tasks", "ids…"),
                    of("memsample", "the memory of its process"),
                    of("memdump", "the memory of its process"),
                    of("hello", "its revoked tasks and its clock", "from_node"));

    static final List<RemoteVerb> CONTROL =
            List.of(
                    of("revoke", "do not start these tasks", "task_id…"),
                    of("terminate", "stop these tasks, also while they run", "signal", "task_id…"),
                    of(
                            "revoke_by_stamped_headers",
                            "do not start tasks with such a stamp, name=value",
                            "headers…"),
                    of(
                            "rate_limit",
                            "start a task so often: 10/s, 100/m; 0 for no limit",
                            "task_name",
                            "rate_limit"),
                    of(
                            "time_limit",
                            "let a task run so many seconds",
                            "task_name",
                            "soft",
                            "[hard]"),
                    of(
                            "add_consumer",
                            "read a queue as well",
                            "queue",
                            "[exchange]",
                            "[exchange_type]",
                            "[routing_key]"),
                    of("cancel_consumer", "read a queue no more", "queue"),
                    of("pool_grow", "run so many tasks more at once", "[n]"),
                    of("pool_shrink", "run so many tasks less at once", "[n]"),
                    of("pool_restart", "restart the pool, as Python's workers can"),
                    of("autoscale", "run from min to max tasks at once", "max", "[min]"),
                    of("enable_events", "send events about tasks"),
                    of("disable_events", "send none"),
                    of("heartbeat", "send a heartbeat now"),
                    of("election", "hold an election among workers", "id", "topic", "[action]"),
                    of("shutdown", "end, when what runs has ended"));

    private static RemoteVerb of(String name, String description, String... words) {
        return new RemoteVerb(name, description, List.of(words));
    }

    /// Empty for one that an application may have.
    static Optional<RemoteVerb> find(List<RemoteVerb> all, String name) {
        return all.stream().filter(verb -> verb.name.equals(name)).findFirst();
    }

    /// The arguments of a command that is not known here: `name=value` each.
    ///
    /// @param suggestion what to say of its name
    static Map<String, @Nullable Object> named(
            String command, List<String> given, String suggestion) {
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        for (var word : given) {
            var end = word.indexOf('=');
            if (end < 1) {
                throw CommandException.wrongUse(
                        "the command '%s' is none of Celery's, so its arguments are to be written as name=value, not '%s'%s"
                                .formatted(command, word, suggestion));
            }
            arguments.put(word.substring(0, end), value(word.substring(end + 1)));
        }
        return arguments;
    }

    /// Which of the commands may have been meant by a name that is none of them, as the end of a
    /// sentence; empty where none is near.
    static String suggestion(List<RemoteVerb> all, String name) {
        return Settings.near(name, names(all)).map("; did you mean '%s'?"::formatted).orElse("");
    }

    static List<String> names(List<RemoteVerb> all) {
        return all.stream().map(RemoteVerb::name).toList();
    }

    /// The arguments that the words are.
    Map<String, @Nullable Object> arguments(List<String> given) {
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        var next = 0;
        for (var word : words) {
            var plain = word.replaceAll("[\\[\\]…]", "");
            var mayMiss = word.startsWith("[");
            if (next == given.size()) {
                if (!mayMiss) {
                    throw CommandException.wrongUse(
                            "%s needs: %s".formatted(name, String.join(" ", words)));
                }
            } else if (word.contains("…")) {
                arguments.put(plain, given.subList(next, given.size()));
                next = given.size();
            } else {
                arguments.put(plain, value(given.get(next++)));
            }
        }
        if (next < given.size()) {
            throw CommandException.wrongUse(
                    "%s takes no more words than: %s".formatted(name, String.join(" ", words)));
        }
        return arguments;
    }

    /// Numbers as numbers, which Python's workers compute with.
    private static Object value(String word) {
        if (word.matches("\\d{1,9}")) {
            return Integer.valueOf(word);
        }
        if (word.matches("\\d+\\.\\d+")) {
            return Double.valueOf(word);
        }
        return word.equals("true") || word.equals("false") ? (Object) Boolean.valueOf(word) : word;
    }
}
