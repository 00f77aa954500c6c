package dev.muster.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/// Classes that the user's code needs.
final class ClassPathOption {
    @Option(
            names = "--classpath",
            paramLabel = "PATH",
            description = "Jars and folders that the program needs, separated as in java -cp.")
    private String text = "";

    List<Path> paths() {
        return Stream.of(text.split(File.pathSeparator, -1))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .toList();
    }
}
