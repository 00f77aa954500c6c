package dev.muster.queue.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/// Settings as they stand in `muster.yaml`, and the maps in variables, which are written the same.
final class SettingsYaml {
    private static final int MOST_LEVELS = 50;

    /// More than anybody writes, and less than aliases of aliases make.
    private static final int MOST_VALUES = 100_000;

    private SettingsYaml() {}

    /// What a file says, in its order. A name without a value says nothing, but is a name.
    ///
    /// @throws SettingsException when it cannot be read
    static Map<String, @Nullable Object> read(Path file) {
        Object content;
        try {
            content = parse(text(file));
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(file, String.valueOf(e.getMessage()), e);
        }
        if (content == null) {
            return Map.of();
        }
        if (!(content instanceof Map<?, ?> entries)) {
            throw new SettingsException("%s must hold 'name: value' lines".formatted(file));
        }
        var values = new LinkedHashMap<String, @Nullable Object>();
        entries.forEach((name, value) -> values.put(String.valueOf(name), value));
        return values;
    }

    private static String text(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new SettingsException(
                    "%s is a folder; settings stand in a file of that name".formatted(file));
        }
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw unreadable(file, "it is not UTF-8, at byte %d".formatted(bytes.position()), e);
        }
    }

    private static SettingsException unreadable(Path file, String reason, Exception cause) {
        return new SettingsException("%s cannot be read: %s".formatted(file, reason), cause);
    }

    /// @throws IllegalArgumentException when it is no YAML, or none of a reasonable size
    static @Nullable Object parse(String text) {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setNestingDepthLimit(MOST_LEVELS);
        try {
            Object content = new Yaml(new SafeConstructor(options)).load(text);
            count(content, 0, 0);
            return content;
        } catch (MarkedYAMLException e) {
            throw new IllegalArgumentException(described(e), e);
        } catch (YAMLException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String described(MarkedYAMLException e) {
        var problem = String.valueOf(e.getProblem());
        var mark = e.getProblemMark();
        return "%s%s%s"
                .formatted(
                        mark == null
                                ? ""
                                : "line %d, column %d: "
                                        .formatted(mark.getLine() + 1, mark.getColumn() + 1),
                        problem,
                        problem.startsWith("mapping values are not allowed")
                                ? "; a text with a colon at its end, or before a space, needs quotes"
                                : "");
    }

    /// An alias may stand for what it is a part of, or for so much that no memory holds it.
    private static int count(@Nullable Object value, int level, int before) {
        var count = before + 1;
        if (level > MOST_LEVELS) {
            throw new IllegalArgumentException(
                    "it is nested deeper than %d levels".formatted(MOST_LEVELS));
        }
        if (count > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "it holds more than %d values".formatted(MOST_VALUES));
        }
        var items =
                switch (value) {
                    case Map<?, ?> map -> map.values();
                    case Collection<?> list -> list;
                    case null, default -> List.of();
                };
        for (var item : items) {
            count = count(item, level + 1, count);
        }
        return count;
    }
}
