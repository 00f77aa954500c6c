package dev.muster.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/// Where the tables go: to standard output, and into the file of the day, a section for each run.
/// Each table is written as soon as it is there, so that a run that is broken off leaves what it
/// has.
final class Report {
    private final Path file;

    private Report(Path file) {
        this.file = file;
    }

    /// Begins a section.
    ///
    /// @param folder with the files of all days
    /// @param command that was given
    static Report begin(Path folder, String command, Machine machine) throws IOException {
        var now = ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS);
        var date = now.toLocalDate().toString();
        var file = Files.createDirectories(folder).resolve(date + ".md");
        if (!Files.exists(file)) {
            Files.writeString(file, "# Measured on %s\n".formatted(date));
        }
        var report = new Report(file);
        report.append(
                """

                ## %s UTC: `%s`

                %s
                """
                        .formatted(now.format(DateTimeFormatter.ISO_LOCAL_TIME), command, machine));
        return report;
    }

    void add(String title, Table table) throws IOException {
        add(title, table, table);
    }

    /// @param wide the same for the file, where a line may be long
    void add(String title, Table narrow, Table wide) throws IOException {
        System.out.printf("%n%s%n%n%s%n", title, narrow.text());
        append("\n%s\n\n%s\n".formatted(title, wide.markdown()));
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
