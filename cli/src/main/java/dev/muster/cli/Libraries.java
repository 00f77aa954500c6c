package dev.muster.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The versions of the libraries on the class path, as the names of the jars tell them.
final class Libraries {
    private static final Pattern JAR = Pattern.compile("(?<name>.+?)-(?<version>\\d[^/]*)\\.jar");

    private Libraries() {}

    static Map<String, String> versions() {
        var versions = new TreeMap<String, String>();
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .flatMap(entry -> Stream.concat(Stream.of(entry), ofManifest(entry)))
                .map(entry -> JAR.matcher(entry.substring(entry.lastIndexOf('/') + 1)))
                .filter(jar -> jar.matches())
                .forEach(jar -> versions.put(jar.group("name"), jar.group("version")));
        return versions;
    }

    private static Stream<String> ofManifest(String entry) {
        if (!entry.endsWith(".jar")) {
            return Stream.of();
        }
        try (var jar = new JarFile(Path.of(entry).toFile())) {
            var manifest = jar.getManifest();
            var classPath =
                    manifest == null
                            ? null
                            : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return classPath == null ? Stream.of() : Stream.of(classPath.split(" ", -1));
        } catch (IOException e) {
            return Stream
                    .of(); // a jar that is on the class path and cannot be read has no version to
            // tell
        }
    }
}
