package dev.muster.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Numbers by name, several of each when there are several rounds.
final class Measurements {
    private static final Pattern LINE =
            Pattern.compile("\\{\"name\": \"(\\w+)\", \"value\": ([-+.e\\d]+)}");

    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    void add(String name, double value) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    /// Adds the number in a line that a peer has printed, such as `{"name": "p50", "value": 1.5}`.
    ///
    /// @return its name; empty when the line is something else
    Optional<String> addLine(String line) {
        var number = LINE.matcher(line);
        if (!number.matches()) {
            return Optional.empty();
        }
        add(number.group(1), Double.parseDouble(number.group(2)));
        return Optional.of(number.group(1));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    double median(String name) {
        var sorted = sorted(name);
        return sorted.get(sorted.size() / 2);
    }

    /// Smallest to largest.
    String spread(String name) {
        var sorted = sorted(name);
        return "%s to %s".formatted(shown(sorted.getFirst()), shown(sorted.getLast()));
    }

    private List<Double> sorted(String name) {
        return values.getOrDefault(name, List.of()).stream().sorted().toList();
    }

    static String shown(double value) {
        return value >= 100 ? "%,.0f".formatted(value) : "%.2f".formatted(value);
    }
}
