package dev.muster.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Numbers by name, several of each when there are several rounds.
final class Measurements {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    void add(String name, double value) {
        values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
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
