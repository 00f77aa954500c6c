package dev.muster.queue.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The arguments of a command, as a worker reads them. What does not fit is told as Python tells
/// it.
///
/// @param command its name, for messages
public record Arguments(String command, Map<String, @Nullable Object> values) {
    public static Arguments of(Command command) {
        return new Arguments(command.method(), command.arguments());
    }

    /// @throws CommandException when it is missing, or no text and no number
    public String text(String name) {
        return optionalText(name).orElseThrow(() -> missing(name));
    }

    /// Empty when it is missing or null.
    ///
    /// @throws CommandException when it is something else than a text or a number
    public Optional<String> optionalText(String name) {
        return Optional.ofNullable(values.get(name))
                .map(value -> scalar(value).orElseThrow(() -> wrong(name, "a text")));
    }

    private static Optional<String> scalar(@Nullable Object value) {
        return value instanceof String || value instanceof Number
                ? Optional.of(String.valueOf(value))
                : Optional.empty();
    }

    public boolean flag(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    /// @throws CommandException when it is there and no number
    public Optional<Double> number(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case Number number -> Optional.of(number.doubleValue());
            case String text -> Optional.of(parsed(name, text));
            default -> throw wrong(name, "a number");
        };
    }

    private double parsed(String name, String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw wrong(name, "a number");
        }
    }

    /// @throws CommandException when it is there and no whole number
    public int integer(String name, int byDefault) {
        var number = number(name).orElse((double) byDefault);
        if (number != Math.rint(number) || Math.abs(number) > Integer.MAX_VALUE) {
            throw wrong(name, "a whole number");
        }
        return (int) (double) number;
    }

    /// One text, or a list of them.
    ///
    /// @throws CommandException when it is missing, or something else
    public List<String> texts(String name) {
        return switch (values.get(name)) {
            case null -> throw missing(name);
            case String text -> List.of(text);
            case List<?> list ->
                    list.stream()
                            .map(item ->
                                    scalar(item).orElseThrow(() -> wrong(name, "a list of texts")))
                            .toList();
            default -> throw wrong(name, "a text or a list of texts");
        };
    }

    private CommandException missing(String name) {
        return new CommandException(
                "TypeError(\"%s() missing 1 required argument: '%s'\")".formatted(command, name));
    }

    private CommandException wrong(String name, String expected) {
        return new CommandException(
                "ValueError(\"%s() needs %s as '%s'\")".formatted(command, expected, name));
    }
}
