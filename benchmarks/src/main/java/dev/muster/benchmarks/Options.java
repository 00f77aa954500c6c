package dev.muster.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The options that were given.
///
/// @param given texts that belong to the options; empty for those without
/// @param otherwise the numbers that hold where none is given
record Options(Map<Option, String> given, Map<Option, Integer> otherwise) {
    /// What a command line says.
    record Parsed(List<String> names, Map<Option, String> options) {}

    /// @throws UsageException for an option that there is not, or without what must follow it
    static Parsed parse(List<String> words) {
        var names = new ArrayList<String>();
        var given = new EnumMap<Option, String>(Option.class);
        for (var rest = words.iterator(); rest.hasNext(); ) {
            var word = rest.next();
            if (!word.startsWith("-")) {
                names.add(word);
                continue;
            }
            var option =
                    Option.of(word)
                            .orElseThrow(() -> new UsageException("there is no option " + word));
            if (option.value.isEmpty()) {
                given.put(option, "");
            } else if (rest.hasNext()) {
                given.put(option, checked(option, rest.next()));
            } else {
                throw new UsageException("%s needs %s".formatted(word, option.value));
            }
        }
        return new Parsed(List.copyOf(names), given);
    }

    private static String checked(Option option, String value) {
        if (option.value.equals("N") && !value.matches("\\d{1,9}")) {
            throw new UsageException("%s needs a number, not '%s'".formatted(option.word, value));
        }
        return value;
    }

    boolean has(Option option) {
        return given.containsKey(option);
    }

    Optional<String> text(Option option) {
        return Optional.ofNullable(given.get(option));
    }

    int number(Option option) {
        return text(option)
                .map(Integer::valueOf)
                .orElseGet(() -> otherwise.getOrDefault(option, 0));
    }

    /// The same, and at least 1.
    int count(Option option) {
        return Math.max(1, number(option));
    }
}
