package dev.muster.queue.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.codec.DecodeException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /// What fits into a routing key of AMQP, in bytes.
    private static final int LONGEST_NAME = 255;

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
        /// for one, and `[…]` for one of some. Java's workers obey none that is longer than 500
        /// characters.
        record Like(String glob) implements Audience {
            @Override
            public boolean includes(String node) {
                return Globs.matches(glob, node);
            }
        }

        /// Those whose name begins with what this regular expression describes, as Python's
        /// `re.match` has it. Java's workers obey none that is longer than 500 characters, has back
        /// references, looks around, repeats something more than 1,000 times by `{…}`, or ignores
        /// the case of letters beyond ASCII.
        record Matching(String regex) implements Audience {
            @Override
            public boolean includes(String node) {
                return Regexes.matches(regex, node);
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

    /// @param replies the exchange on which clients hear replies
    /// @throws DecodeException when it is no command
    static Command read(@Nullable Object plain, String replies) {
        if (!(plain instanceof Map<?, ?> map) || !(map.get("method") instanceof String method)) {
            throw new DecodeException("a command should be a map with a method");
        }
        return new Command(
                method, arguments(map.get("arguments")), audience(map), ticket(map, replies));
    }

    private static Map<String, @Nullable Object> arguments(@Nullable Object given) {
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        switch (given) {
            case null -> {}
            case Map<?, ?> map ->
                    map.forEach((name, value) -> arguments.put(String.valueOf(name), value));
            default -> throw new DecodeException("the arguments of a command should be a map");
        }
        return arguments;
    }

    /// What cannot be understood is for nobody, rather than for everybody.
    private static Audience audience(Map<?, ?> map) {
        return switch (map.get("destination")) {
            case List<?> names when !names.isEmpty() ->
                    new Audience.Nodes(names.stream().map(String::valueOf).toList());
            case String name -> new Audience.Nodes(List.of(name));
            // As Celery: an empty list of names, or a pattern without a matcher, is nothing.
            case null -> audience(map.get("pattern"), map.get("matcher"));
            case List<?> _ -> audience(map.get("pattern"), map.get("matcher"));
            default -> throw new DecodeException("the destination of a command should be a list");
        };
    }

    private static Audience audience(@Nullable Object pattern, @Nullable Object matcher) {
        if (pattern == null || matcher == null) {
            return new Audience.Everyone();
        }
        if (pattern instanceof String text && "glob".equals(matcher)) {
            return new Audience.Like(text);
        }
        if (pattern instanceof String text && "pcre".equals(matcher)) {
            return new Audience.Matching(text);
        }
        throw new DecodeException("the pattern of a command should be a text, for glob or pcre");
    }

    /// A reply goes where clients listen, and nowhere else: neither into the queues of tasks, nor
    /// among the events.
    private static Optional<Ticket> ticket(Map<?, ?> map, String replies) {
        if (map.get("reply_to") == null) {
            return Optional.empty();
        }
        if (map.get("reply_to") instanceof Map<?, ?> address
                && address.get("exchange") instanceof String exchange
                && exchange.equals(replies)
                && address.get("routing_key") instanceof String key
                && isShort(key)
                && map.get("ticket") instanceof String id
                && isShort(id)) {
            return Optional.of(new Ticket(id, exchange, key));
        }
        throw new DecodeException("the answer to a command would go nowhere");
    }

    private static boolean isShort(String text) {
        return text.getBytes(UTF_8).length <= LONGEST_NAME;
    }
}
