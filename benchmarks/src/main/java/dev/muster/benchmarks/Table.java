package dev.muster.benchmarks;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Cells under headings.
record Table(List<String> columns, List<List<String>> rows) {
    Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
    }

    /// In columns of even width, for a terminal.
    String text() {
        var widths =
                IntStream.range(0, columns.size())
                        .map(column ->
                                Math.max(
                                        columns.get(column).length(),
                                        rows.stream()
                                                .mapToInt(row -> row.get(column).length())
                                                .max()
                                                .orElse(0)))
                        .toArray();
        return IntStream.rangeClosed(0, rows.size())
                .mapToObj(line -> line == 0 ? columns : rows.get(line - 1))
                .map(cells ->
                        IntStream.range(0, cells.size())
                                .mapToObj(column -> padded(cells.get(column), widths[column]))
                                .collect(Collectors.joining("  ", "  ", ""))
                                .stripTrailing())
                .collect(Collectors.joining("\n"));
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(width - cell.length());
    }

    String markdown() {
        return IntStream.rangeClosed(-1, rows.size())
                .mapToObj(line ->
                        switch (line) {
                            case -1 -> markdown(columns);
                            case 0 -> "|---".repeat(columns.size()) + "|";
                            default -> markdown(rows.get(line - 1));
                        })
                .collect(Collectors.joining("\n"));
    }

    private static String markdown(List<String> cells) {
        return cells.stream()
                .map(cell -> cell.replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }
}
