package dev.muster.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The same quantities of several contestants, who are measured in turns so that whatever else the
/// machine does meets all of them. The first is Muster; the ratios tell how many times better it is
/// than each of the others.
///
/// @param title what is compared, on what
record Comparison(String title, List<Quantity> quantities, List<Contestant> contestants) {
    private static final int MOST_TOLD = 10;

    Comparison {
        quantities = List.copyOf(quantities);
        contestants = List.copyOf(contestants);
    }

    void run(int rounds, Report report) throws Exception {
        run(0, rounds, report);
    }

    /// @param warmUp rounds before those that count, for what the compiler has to learn
    void run(int warmUp, int rounds, Report report) throws Exception {
        for (var round = 0; round < warmUp; round++) {
            for (var contestant : contestants) {
                contestant.round().measure(new Measurements());
            }
        }
        var measured = contestants.stream().map(_ -> new Measurements()).toList();
        for (var round = 1; round <= rounds; round++) {
            for (var index = 0; index < contestants.size(); index++) {
                if (rounds <= MOST_TOLD) {
                    System.err.printf(
                            "%s, round %d of %d%n", contestants.get(index).name(), round, rounds);
                }
                contestants.get(index).round().measure(measured.get(index));
            }
        }
        var heading = "%s; medians of %d rounds (smallest to largest)".formatted(title, rounds);
        report.add(heading, forTerminal(measured), forFile(measured));
    }

    /// A line for each number: narrow, however many contestants there are.
    private Table forTerminal(List<Measurements> measured) {
        var rows = new ArrayList<List<String>>();
        for (var quantity : quantities) {
            var label = quantity.label();
            for (var index = 0; index < contestants.size(); index++) {
                if (measured.get(index).has(quantity.name())) {
                    var name = contestants.get(index).name();
                    var ratio = index == 0 ? "" : ratio(quantity, measured, index);
                    rows.add(List.of(label, name, number(quantity, measured.get(index)), ratio));
                    label = "";
                }
            }
        }
        return new Table(List.of("", "", "", "ratio"), rows);
    }

    /// A line for each quantity.
    private Table forFile(List<Measurements> measured) {
        var columns = new ArrayList<>(List.of("", contestants.getFirst().name()));
        contestants.stream().skip(1).forEach(peer -> columns.addAll(List.of(peer.name(), "ratio")));
        var rows =
                quantities.stream()
                        .filter(quantity -> measured.stream().anyMatch(m -> m.has(quantity.name())))
                        .map(quantity -> row(quantity, measured))
                        .toList();
        return new Table(columns, rows);
    }

    private static List<String> row(Quantity quantity, List<Measurements> measured) {
        var cells =
                new ArrayList<>(List.of(quantity.label(), number(quantity, measured.getFirst())));
        IntStream.range(1, measured.size())
                .forEach(peer -> {
                    cells.add(number(quantity, measured.get(peer)));
                    cells.add(ratio(quantity, measured, peer));
                });
        return cells;
    }

    private static String number(Quantity quantity, Measurements measured) {
        if (!measured.has(quantity.name())) {
            return "";
        }
        var number = Measurements.shown(quantity.of(measured));
        return switch (quantity.shown()) {
            case MEDIAN -> "%s (%s)".formatted(number, measured.spread(quantity.name()));
            case BEST -> number;
        };
    }

    private static String ratio(Quantity quantity, List<Measurements> measured, int peer) {
        var first = measured.getFirst();
        var has = first.has(quantity.name()) && measured.get(peer).has(quantity.name());
        return has ? "%.2f".formatted(quantity.ratio(first, measured.get(peer))) : "";
    }
}
