package dev.muster.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/// Installed programs, by their Debian locations.
final class Program {
    private Program() {}

    /// The program at `path`.
    ///
    /// @throws IllegalStateException when it is missing; the message names the Debian package
    static String at(String path, String debianPackage) {
        if (!Files.isExecutable(Path.of(path))) {
            throw missing(path, debianPackage);
        }
        return path;
    }

    /// A program of PostgreSQL's newest installed version.
    static String postgres(String name) {
        var versions = Path.of("/usr/lib/postgresql");
        Optional<Path> newest = Optional.empty();
        if (Files.isDirectory(versions)) {
            try (var folders = Files.list(versions)) {
                newest =
                        folders.map(folder -> folder.resolve("bin").resolve(name))
                                .filter(Files::isExecutable)
                                .max(Comparator.comparingInt(Program::version));
            } catch (IOException e) {
                throw new IllegalStateException("%s cannot be read".formatted(versions), e);
            }
        }
        return newest.orElseThrow(() -> missing(versions + "/*/bin/" + name, "postgresql"))
                .toString();
    }

    private static int version(Path program) {
        var digits = program.getName(3).toString().replaceAll("\\D.*", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static IllegalStateException missing(String path, String debianPackage) {
        return new IllegalStateException(
                "%s is not installed; on Debian: apt-get install %s"
                        .formatted(path, debianPackage));
    }
}
