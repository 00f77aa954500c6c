package dev.muster.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Numbers by name, several of each when there are several rounds.
final class Measurements {
    private static final Pattern LINE =
            Pattern.compile("\\{\"name\": \"([\\w ]+)\", \"value\": ([-+.eE\\d]+)}");

    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    void add(String name, double value) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    /// Adds `p50`, the median, and `p99`, which 99 of 100 do not exceed.
    ///
    /// @param unit of the numbers to be shown, in nanoseconds
    void addLatencies(long[] nanos, double unit) {
        addPart("p50", nanos, 50, unit);
        addPart("p99", nanos, 99, unit);
    }

    /// Adds what so many of 100 do not exceed.
    void addPart(String name, long[] nanos, int of100, double unit) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        add(name, sorted[(int) ((long) sorted.length * of100 / 100)] / unit);
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

    /// What [#addLine] reads.
    static String line(String name, double value) {
        return "{\"name\": \"%s\", \"value\": %s}".formatted(name, value);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    double median(String name) {
        var sorted = sorted(name);
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double smallest(String name) {
        return sorted(name).getFirst();
    }

    double largest(String name) {
        return sorted(name).getLast();
    }

    /// Smallest to largest.
    String spread(String name) {
        return "%s to %s".formatted(shown(smallest(name)), shown(largest(name)));
    }

    private List<Double> sorted(String name) {
        return values.getOrDefault(name, List.of()).stream().sorted().toList();
    }

    static String shown(double value) {
        if (value >= 100) {
            return "%,.0f".formatted(value);
        }
        return (value >= 1 ? "%.2f" : "%.3f").formatted(value);
    }
}
