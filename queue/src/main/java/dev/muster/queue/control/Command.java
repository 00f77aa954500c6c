package dev.muster.queue.control;

import dev.muster.queue.codec.DecodeException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// A command to workers as it travels (celery-wire 7.2).
///
/// @param method its name
/// @param arguments by name, as plain data
/// @param audience who is to obey
/// @param ticket what replies are told apart by, and where they go; empty when none is wanted
public record Command(
        String method,
        Map<String, @Nullable Object> arguments,
        Audience audience,
        Optional<Ticket> ticket) {

    // Written out, because javac 25 loses the inner @Nullable of a compact constructor's parameter
    // in the class file.
    public Command(
            String method,
            Map<String, @Nullable Object> arguments,
            Audience audience,
            Optional<Ticket> ticket) {
        this.method = method;
        this.arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
        this.audience = audience;
        this.ticket = ticket;
    }

    /// Where a reply goes.
    ///
    /// @param id of the question
    public record Ticket(String id, String exchange, String routingKey) {}

    /// Which workers a command is for.
    public sealed interface Audience {
        boolean includes(String node);

        /// All of them.
        record Everyone() implements Audience {
            @Override
            public boolean includes(String node) {
                return true;
            }
        }

        /// Those with these names.
        record Nodes(List<String> names) implements Audience {
            public Nodes {
                names = List.copyOf(names);
            }

            @Override
            public boolean includes(String node) {
                return names.contains(node);
            }
        }

        /// Those whose name looks like this: a glob, in which `*` stands for any characters, `?`
        /// for one, and `[…]` for one of some.
        record Like(String glob) implements Audience {
            @Override
            public boolean includes(String node) {
                return Globs.matches(glob, node);
            }
        }

        /// Those whose name begins with what this regular expression describes, as Python's
        /// `re.match` has it.
        record Matching(String regex) implements Audience {
            @Override
            public boolean includes(String node) {
                try {
                    return Pattern.compile(regex).matcher(node).lookingAt();
                } catch (PatternSyntaxException e) {
                    return false;
                }
            }
        }
    }

    /// As it stands in the body of its message.
    Map<String, @Nullable Object> toPlain() {
        var plain = new LinkedHashMap<String, @Nullable Object>();
        plain.put("method", method);
        plain.put("arguments", arguments);
        plain.put("destination", audience instanceof Audience.Nodes nodes ? nodes.names() : null);
        plain.put(
                "pattern",
                switch (audience) {
                    case Audience.Like(var glob) -> glob;
                    case Audience.Matching(var regex) -> regex;
                    case Audience.Everyone _, Audience.Nodes _ -> null;
                });
        plain.put(
                "matcher",
                switch (audience) {
                    case Audience.Like _ -> "glob";
                    case Audience.Matching _ -> "pcre";
                    case Audience.Everyone _, Audience.Nodes _ -> null;
                });
        ticket.ifPresent(asked -> {
            plain.put("ticket", asked.id());
            plain.put(
                    "reply_to",
                    Map.of("exchange", asked.exchange(), "routing_key", asked.routingKey()));
        });
        return plain;
    }

    /// @throws DecodeException when it is no command
    static Command read(@Nullable Object plain) {
        if (!(plain instanceof Map<?, ?> map) || !(map.get("method") instanceof String method)) {
            throw new DecodeException("a command should be a map with a method");
        }
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        if (map.get("arguments") instanceof Map<?, ?> given) {
            given.forEach((name, value) -> arguments.put(String.valueOf(name), value));
        }
        return new Command(method, arguments, audience(map), ticket(map));
    }

    private static Audience audience(Map<?, ?> map) {
        if (map.get("destination") instanceof List<?> names && !names.isEmpty()) {
            return new Audience.Nodes(names.stream().map(String::valueOf).toList());
        }
        if (map.get("destination") instanceof String name) {
            return new Audience.Nodes(List.of(name));
        }
        // As Celery: an empty list of names, or a pattern without a matcher, is nothing.
        return map.get("pattern") instanceof String pattern
                        && map.get("matcher") instanceof String matcher
                ? switch (matcher) {
                    case "pcre" -> new Audience.Matching(pattern);
                    case String _ -> new Audience.Like(pattern);
                }
                : new Audience.Everyone();
    }

    private static Optional<Ticket> ticket(Map<?, ?> map) {
        return map.get("reply_to") instanceof Map<?, ?> address
                        && address.get("exchange") instanceof String exchange
                        && address.get("routing_key") instanceof String key
                ? Optional.of(new Ticket(String.valueOf(map.get("ticket")), exchange, key))
                : Optional.empty();
    }
}
