package dev.muster.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A Markdown file of the repository.
record Guide(Path file, String text) {
    /// The root of the repository.
    static final Path ROOT = MusterCommand.EXAMPLES.resolveSibling("").normalize();

    private static final Pattern JAVA = Pattern.compile("(?ms)^( *)```java\\n(.*?)^ *```$");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");

    static List<Guide> all() {
        try (var root = Files.list(ROOT);
                var docs = Files.walk(ROOT.resolve("docs"))) {
            var files = new ArrayList<>(root.toList());
            files.addAll(docs.toList());
            return files.stream()
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(Guide::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Guide read(Path file) {
        try {
            return new Guide(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A block of Java, and the line of the file that it begins in.
    record Block(int line, String code) {}

    List<Block> blocks() {
        return JAVA.matcher(text)
                .results()
                .map(found ->
                        new Block(
                                (int) text.substring(0, found.start(2)).lines().count() + 1,
                                found.group(2).indent(-found.group(1).length())))
                .toList();
    }

    /// The targets of links within the repository.
    List<String> links() {
        return LINK.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(target -> !target.matches("[a-z]+:.*"))
                .toList();
    }

    /// Whether a link of this file leads somewhere: to a file, and to a heading when it names one.
    boolean leadsSomewhere(String target) {
        var parts = target.split("#", 2);
        var path = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]);
        return Files.exists(path) && (parts.length == 1 || read(path).hasHeading(parts[1]));
    }

    private boolean hasHeading(String anchor) {
        return HEADING.matcher(text)
                .results()
                .map(found -> found.group(1).toLowerCase(Locale.ROOT))
                .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .anyMatch(anchor::equals);
    }

    /// Its path within the repository.
    @Override
    public String toString() {
        return ROOT.relativize(file).toString();
    }
}
