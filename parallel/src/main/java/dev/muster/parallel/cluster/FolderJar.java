package dev.muster.parallel.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Packs a folder with classes as a jar: the same bytes for the same files, whatever their times
/// and the order in which the system lists them.
final class FolderJar {
    /// The first time that the format knows.
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private FolderJar() {}

    static void write(Path folder, OutputStream target) throws IOException {
        var jar = new ZipOutputStream(target);
        jar.setLevel(Deflater.BEST_SPEED);
        for (var file : files(folder)) {
            var entry = new ZipEntry(nameIn(folder, file));
            entry.setTimeLocal(TIME);
            jar.putNextEntry(entry);
            Files.copy(file, jar);
            jar.closeEntry();
        }
        jar.finish();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(file -> nameIn(folder, file)))
                    .toList();
        }
    }

    private static String nameIn(Path folder, Path file) {
        var name = new StringBuilder();
        for (var part : folder.relativize(file)) {
            name.append(name.isEmpty() ? "" : "/").append(part);
        }
        return name.toString();
    }
}
