package dev.muster.cli;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The arguments of a call, as options.
final class CallArguments {
    @Option(
            names = "--args",
            paramLabel = "JSON",
            description = "All positional arguments, as a JSON list.")
    private @Nullable String args;

    @Option(
            names = "--kwargs",
            paramLabel = "JSON",
            description = "Keyword arguments, as a JSON object.")
    private @Nullable String kwargs;

    /// @param words those that were given as words
    List<?> positional(Json values, List<String> words) {
        if (args == null) {
            return words.stream().map(word -> value(values, word)).toList();
        }
        if (!words.isEmpty()) {
            throw CommandException.wrongUse("give the arguments as words or with --args, not both");
        }
        if (!(read(values, "--args", args) instanceof List<?> list)) {
            throw CommandException.wrongUse("--args takes a JSON list, such as '[1, \"a\"]'");
        }
        return list;
    }

    Map<String, ?> keywords(Json values) {
        if (kwargs == null) {
            return Map.of();
        }
        if (!(read(values, "--kwargs", kwargs) instanceof Map<?, ?> map)) {
            throw CommandException.wrongUse(
                    "--kwargs takes a JSON object, such as '{\"name\": 1}'");
        }
        var keywords = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> keywords.put(String.valueOf(key), value));
        return keywords;
    }

    private static @Nullable Object value(Json values, String word) {
        try {
            return values.read(word);
        } catch (DecodeException e) {
            return word;
        }
    }

    private static @Nullable Object read(Json values, String option, String text) {
        try {
            return values.read(text);
        } catch (DecodeException e) {
            throw CommandException.wrongUse(
                    "%s is not JSON: %s".formatted(option, e.getMessage()), e);
        }
    }
}
