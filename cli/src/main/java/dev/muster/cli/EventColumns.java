package dev.muster.cli;

import dev.muster.queue.events.TaskView;
import dev.muster.queue.events.WorkerView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A table of as many columns as there is room for, the less important ones left out first.
///
/// @param all in the order in which they stand
record EventColumns<T>(List<Column<T>> all) {
    private static final int GAP = 1;

    /// How long a uuid is. There is room for all of it, or it is cut short in favour of the others.
    private static final int UUID = 36;

    /// @param least as narrow as it may get
    /// @param most as wide as it may get
    /// @param rank 1 for that which stays the longest
    /// @param right whether it stands at the right, as numbers do
    record Column<T>(
            String name,
            int least,
            int most,
            int rank,
            boolean right,
            BiFunction<T, Instant, String> text) {}

    /// @param zone in which times are shown
    static EventColumns<TaskView> ofTasks(ZoneId zone) {
        var time = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(zone);
        return new EventColumns<>(
                List.of(
                        new Column<>("UUID", 8, UUID, 6, false, (task, _) -> task.id()),
                        new Column<>("NAME", 10, 60, 2, false, (task, _) -> task.name().orElse("")),
                        new Column<>("STATE", 8, 10, 1, false, (task, _) -> task.state()),
                        new Column<>(
                                "WORKER",
                                12,
                                40,
                                4,
                                false,
                                (task, _) -> task.worker().or(task::client).orElse("")),
                        new Column<>(
                                "WHEN", 8, 8, 3, false, (task, _) -> time.format(task.updated())),
                        new Column<>(
                                "RUNTIME",
                                8,
                                8,
                                5,
                                true,
                                (task, _) ->
                                        task.runtime().map(EventColumns::seconds).orElse(""))));
    }

    static EventColumns<WorkerView> ofWorkers() {
        return new EventColumns<>(
                List.of(
                        new Column<>("WORKER", 12, 60, 2, false, (worker, _) -> worker.name()),
                        new Column<>(
                                "STATUS",
                                7,
                                7,
                                1,
                                false,
                                (worker, now) -> worker.isAlive(now) ? "alive" : "offline"),
                        new Column<>(
                                "ACTIVE", 6, 6, 3, true, (worker, _) -> number(worker.active())),
                        new Column<>(
                                "PROCESSED",
                                9,
                                9,
                                4,
                                true,
                                (worker, _) -> number(worker.processed())),
                        new Column<>(
                                "LOAD",
                                16,
                                16,
                                6,
                                true,
                                (worker, _) ->
                                        worker.load().stream()
                                                .map(load ->
                                                        String.format(Locale.ROOT, "%.2f", load))
                                                .collect(Collectors.joining(" "))),
                        new Column<>(
                                "HEARD",
                                6,
                                6,
                                5,
                                true,
                                (worker, now) -> age(Duration.between(worker.heard(), now))),
                        new Column<>(
                                "SOFTWARE", 8, 30, 7, false, (worker, _) -> worker.software())));
    }

    private static String number(Optional<Long> number) {
        return number.map(String::valueOf).orElse("");
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
    }

    private static String age(Duration age) {
        var seconds = Math.max(0, age.toSeconds());
        return seconds < 100
                ? seconds + "s"
                : seconds < 6_000 ? seconds / 60 + "m" : seconds / 3_600 + "h";
    }

    /// Those for which there is room, and how wide each is.
    ///
    /// @param columns in their order
    record Layout<T>(List<Column<T>> columns, List<Integer> widths) {
        String header() {
            return IntStream.range(0, columns.size())
                    .mapToObj(index -> fit(columns.get(index).name, index))
                    .collect(Collectors.joining(" "));
        }

        String row(T item, Instant now) {
            return IntStream.range(0, columns.size())
                    .mapToObj(index -> fit(columns.get(index).text.apply(item, now), index))
                    .collect(Collectors.joining(" "));
        }

        private String fit(String text, int index) {
            return columns.get(index).right
                    ? TerminalText.fitRight(text, widths.get(index))
                    : TerminalText.fit(text, widths.get(index));
        }

        /// Where a column begins, and how wide it is; empty when it was left out.
        Optional<int[]> place(String name) {
            var start = 0;
            for (var index = 0; index < columns.size(); index++) {
                if (columns.get(index).name.equals(name)) {
                    return Optional.of(new int[] {start, widths.get(index)});
                }
                start += widths.get(index) + GAP;
            }
            return Optional.empty();
        }
    }

    Layout<T> layout(int width) {
        var chosen = new ArrayList<Column<T>>();
        var left = width + GAP;
        for (var column : all.stream().sorted(Comparator.comparingInt(Column::rank)).toList()) {
            if (column.least + GAP > left && !chosen.isEmpty()) {
                break;
            }
            chosen.add(column);
            left -= column.least + GAP;
        }
        var shown = all.stream().filter(chosen::contains).toList();
        var widths = new ArrayList<>(shown.stream().map(Column::least).toList());
        for (var index = 0; index < shown.size(); index++) {
            var missing = shown.get(index).most - shown.get(index).least;
            if (shown.get(index).most == UUID && missing <= left) {
                widths.set(index, UUID);
                left -= missing;
            }
        }
        // What is left over goes to the others in turn.
        for (var grown = true; grown && left > 0; ) {
            grown = false;
            for (var index = 0; index < shown.size() && left > 0; index++) {
                if (widths.get(index) < shown.get(index).most && shown.get(index).most != UUID) {
                    widths.set(index, widths.get(index) + 1);
                    left--;
                    grown = true;
                }
            }
        }
        if (shown.size() == 1) {
            widths.set(0, Math.min(widths.getFirst(), Math.max(0, width)));
        }
        return new Layout<>(shown, widths);
    }
}
