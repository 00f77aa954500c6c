package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Where calls go that do not say it themselves: first the routers of the program, then the setting
/// `task_routes`, there a task's own name before the patterns in their order (celery-wire 2.2).
/// Immutable.
final class TaskRoutes {
    private static final Set<String> FIELDS =
            Set.of("queue", "exchange", "routing_key", "priority");

    private final List<Router> routers;
    private final Map<String, Destination> byName = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();

    private record Rule(Pattern task, Destination destination) {}

    /// @throws SettingsException when `task_routes` cannot be understood
    TaskRoutes(List<Router> routers, Settings settings) {
        this.routers = List.copyOf(routers);
        settings.get(Setting.TASK_ROUTES)
                .forEach((name, value) -> {
                    var destination = Destination.of(name, value);
                    if (name.startsWith("^")) {
                        rules.add(new Rule(regex(name), destination));
                    } else if (name.contains("*") || name.contains("?")) {
                        rules.add(new Rule(glob(name), destination));
                    } else {
                        byName.put(name, destination);
                    }
                });
    }

    private static Pattern regex(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new SettingsException("task_routes: " + e.getMessage(), e);
        }
    }

    /// As file names: `*` for any characters, `?` for one.
    private static Pattern glob(String text) {
        var regex = new StringBuilder("^");
        text.codePoints()
                .forEach(letter -> {
                    switch (letter) {
                        case '*' -> regex.append(".*");
                        case '?' -> regex.append('.');
                        default -> regex.append(Pattern.quote(Character.toString(letter)));
                    }
                });
        return Pattern.compile(regex.append('$').toString(), Pattern.DOTALL);
    }

    /// The call with its way to a queue, if it has none and there is a route for it.
    <R extends @Nullable Object> Signature<R> apply(Signature<R> call) {
        if (saysWhere(call)) {
            return call;
        }
        for (var router : routers) {
            var routed = router.route(call);
            if (saysWhere(routed)) {
                return call.withDefaults(routed.options());
            }
        }
        var named = Optional.ofNullable(byName.get(call.task()));
        return named.or(() ->
                        rules.stream()
                                .filter(rule -> rule.task.matcher(call.task()).find())
                                .map(Rule::destination)
                                .findFirst())
                .map(destination -> call.withDefaults(destination.options))
                .orElse(call);
    }

    private static boolean saysWhere(Signature<?> call) {
        return call.option(Option.QUEUE).isPresent()
                || call.option(Option.EXCHANGE).isPresent()
                || call.option(Option.ROUTING_KEY).isPresent();
    }

    /// Where a route leads.
    private record Destination(Map<Option<?>, Object> options) {
        static Destination of(String name, Object value) {
            if (!(value instanceof Map<?, ?> fields)) {
                return new Destination(Map.of(Option.QUEUE, value.toString()));
            }
            var options = new LinkedHashMap<Option<?>, Object>();
            fields.forEach((field, given) -> {
                var text = String.valueOf(field);
                switch (text) {
                    case "queue" -> options.put(Option.QUEUE, given.toString());
                    case "exchange" -> options.put(Option.EXCHANGE, given.toString());
                    case "routing_key" -> options.put(Option.ROUTING_KEY, given.toString());
                    case "priority" -> options.put(Option.PRIORITY, Setting.toInteger(given));
                    default ->
                            throw new SettingsException(
                                    "task_routes: '%s' of '%s' is unknown; did you mean '%s'?"
                                            .formatted(text, name, Settings.nearest(text, FIELDS)));
                }
            });
            return new Destination(Map.copyOf(options));
        }
    }
}
