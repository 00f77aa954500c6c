package dev.muster.queue.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/// The settings of an application, immutable. Each is what was said last of it: the default,
/// `muster.yaml`, a `MUSTER_…` environment variable, then code or an option of the command.
public final class Settings {
    /// Every setting at its default.
    public static final Settings DEFAULT = new Settings(Map.of(), Map.of());

    /// Settings of Celery that one may expect, and what stands in their place.
    private static final Map<String, String> REFUSED =
            Map.of(
                    "beat_scheduler",
                    "there is one scheduler; beat_schedule_store says where it keeps its state",
                    "beat_sync_every",
                    "the state of a schedule is written with each run",
                    "enable_utc",
                    "times in messages are always UTC; timezone says in which zone crontabs are meant",
                    "result_chord_join_timeout",
                    "the body of a chord starts when the results of all members are stored, so nothing waits for them then");

    private static final String VARIABLE_PREFIX = "MUSTER_";
    private static final String PROPERTY_PREFIX = "muster.";

    private final Map<String, Object> values;
    private final Map<String, Object> given;

    private Settings(Map<String, Object> values, Map<String, Object> given) {
        this.values = values;
        this.given = given;
    }

    /// The defaults, overlaid by `file` if it exists, by the variables that start with `MUSTER_`,
    /// and by the system properties that start with `muster.`.
    ///
    /// @throws SettingsException when the file cannot be read, or a name or value makes no sense
    public static Settings load(Path file, Map<String, String> variables, Properties properties) {
        var settings = DEFAULT;
        for (var line :
                (Files.exists(file) ? readYaml(file) : Map.<String, Object>of()).entrySet()) {
            settings = settings.with(file.toString(), line.getKey(), line.getValue());
        }
        for (var variable : new TreeMap<>(variables).entrySet()) {
            if (variable.getKey().startsWith(VARIABLE_PREFIX)) {
                var name =
                        variable.getKey()
                                .substring(VARIABLE_PREFIX.length())
                                .toLowerCase(Locale.ROOT);
                settings =
                        settings.with("variable " + variable.getKey(), name, variable.getValue());
            }
        }
        for (var property : new TreeSet<>(properties.stringPropertyNames())) {
            if (property.startsWith(PROPERTY_PREFIX)) {
                settings =
                        settings.with(
                                "system property " + property,
                                property.substring(PROPERTY_PREFIX.length()),
                                properties.getProperty(property));
            }
        }
        return settings;
    }

    private static Map<String, Object> readYaml(Path file) {
        Object content;
        try (var reader = Files.newBufferedReader(file)) {
            content = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
        } catch (IOException | YAMLException e) {
            throw new SettingsException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
        if (content == null) {
            return Map.of();
        }
        if (!(content instanceof Map<?, ?> entries)) {
            throw new SettingsException("%s must hold 'name: value' lines".formatted(file));
        }
        var values = new LinkedHashMap<String, Object>();
        entries.forEach((name, value) -> {
            if (value != null) {
                values.put(String.valueOf(name), value);
            }
        });
        return values;
    }

    /// A copy with one setting changed.
    ///
    /// @throws SettingsException when there is no such setting (the message names the nearest) or
    ///   the value is not of its type
    public Settings with(String name, Object value) {
        var setting = Setting.all().get(name);
        if (setting == null && REFUSED.containsKey(name)) {
            throw new SettingsException(
                    "the setting '%s' has no meaning here: %s".formatted(name, REFUSED.get(name)));
        }
        if (setting == null) {
            throw new SettingsException(
                    "there is no setting '%s'; did you mean '%s'?"
                            .formatted(name, nearest(name, Setting.all().keySet())));
        }
        var copy = new LinkedHashMap<>(values);
        copy.put(name, setting.read(value));
        var words = new LinkedHashMap<>(given);
        words.put(name, value);
        return new Settings(copy, words);
    }

    /// @param source where it was said, for the message
    private Settings with(String source, String name, Object value) {
        try {
            return with(name, value);
        } catch (SettingsException e) {
            throw new SettingsException("%s: %s".formatted(source, e.getMessage()), e);
        }
    }

    /// A copy with several settings changed.
    ///
    /// @throws SettingsException as [#with(String, Object)]
    public Settings withAll(Map<String, ?> changes) {
        var settings = this;
        for (var change : changes.entrySet()) {
            settings = settings.with(change.getKey(), change.getValue());
        }
        return settings;
    }

    /// The value of a setting.
    @SuppressWarnings("unchecked") // a value was read by its own setting before it was kept
    public <T> T get(Setting<T> setting) {
        return (T) values.getOrDefault(setting.name(), setting.defaultValue());
    }

    /// Whether someone has set it, be it to its default.
    public boolean isSet(Setting<?> setting) {
        return values.containsKey(setting.name());
    }

    /// What was said of each setting, in the words in which it was said: [#withAll] makes the same
    /// settings of it.
    public Map<String, Object> given() {
        return Collections.unmodifiableMap(given);
    }

    /// Which of `names` looks most like `name`: the smallest number of letters to insert, delete or
    /// replace.
    public static String nearest(String name, Collection<String> names) {
        return names.stream()
                .min(
                        Comparator.comparingInt((String candidate) -> editDistance(name, candidate))
                                .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    private static int editDistance(String from, String to) {
        var previous = new int[to.length() + 1];
        for (var column = 0; column <= to.length(); column++) {
            previous[column] = column;
        }
        for (var row = 1; row <= from.length(); row++) {
            var current = new int[to.length() + 1];
            current[0] = row;
            for (var column = 1; column <= to.length(); column++) {
                var replace =
                        previous[column - 1]
                                + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                current[column] =
                        Math.min(replace, 1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
