package dev.muster.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Jars and folders with classes.
final class ClassPath {
    private ClassPath() {}

    /// A loader of these, behind the command's own classes.
    ///
    /// @throws CommandException when one does not exist
    static URLClassLoader loader(List<Path> paths) {
        return new URLClassLoader(
                paths.stream().map(ClassPath::url).toArray(URL[]::new),
                ClassPath.class.getClassLoader());
    }

    private static URL url(Path path) {
        if (!Files.exists(path)) {
            throw CommandException.wrongUse("there is no file or folder %s".formatted(path));
        }
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw CommandException.wrongUse("%s cannot be on a class path".formatted(path), e);
        }
    }

    /// The command's own class path and these, for a compiler.
    static String text(List<Path> paths) {
        return Stream.concat(
                        Stream.of(System.getProperty("java.class.path")),
                        paths.stream().map(Path::toString))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
