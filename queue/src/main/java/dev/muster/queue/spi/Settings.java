package dev.muster.queue.spi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The settings of an application, immutable. Each is what was said last of it: the default,
/// `muster.yaml`, a `MUSTER_…` environment variable, a system property, then code or an option of
/// the command.
public final class Settings {
    /// Every setting at its default.
    public static final Settings DEFAULT = new Settings(Map.of(), Map.of());

    private static final String VARIABLE_PREFIX = "MUSTER_";
    private static final String PROPERTY_PREFIX = "muster.";

    /// What Kubernetes puts into the environment for each service of its namespace, and so for one
    /// that is called muster, or muster-redis.
    private static final Pattern SERVICE_LINK =
            Pattern.compile(
                    "MUSTER_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

    /// What the launcher of the command reads, and takes out of the environment.
    private static final String LAUNCHER_OPTIONS = "MUSTER_JAVA_OPTS";

    private static final String CODE = "code";

    private final Map<String, Said> said;
    private final Map<String, String> warnings;

    /// What was said of a setting.
    ///
    /// @param value that was read
    /// @param words in which it was said
    private record Said(Object value, Object words, String source) {}

    private Settings(Map<String, Said> said, Map<String, String> warnings) {
        this.said = said;
        this.warnings = warnings;
    }

    /// The defaults, overlaid by `file` if it exists, by the variables that start with `MUSTER_`,
    /// and by the system properties that start with `muster.`. A variable that is empty says
    /// nothing.
    ///
    /// @throws SettingsException when the file cannot be read, or a name or value makes no sense;
    ///   the message says where it stands
    public static Settings load(Path file, Map<String, String> variables, Properties properties) {
        var settings = DEFAULT;
        if (Files.exists(file)) {
            var path = file.toAbsolutePath().normalize().toString();
            for (var line : SettingsYaml.read(file).entrySet()) {
                settings = settings.withLine(path, line.getKey(), line.getValue());
            }
        }
        for (var variable : new TreeMap<>(variables).entrySet()) {
            if (isSetting(variable.getKey()) && !variable.getValue().isEmpty()) {
                var name =
                        variable.getKey()
                                .substring(VARIABLE_PREFIX.length())
                                .toLowerCase(Locale.ROOT);
                settings =
                        settings.with(
                                "environment variable " + variable.getKey(),
                                name,
                                variable.getValue());
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

    private static boolean isSetting(String variable) {
        return variable.startsWith(VARIABLE_PREFIX)
                && !variable.equals(LAUNCHER_OPTIONS)
                && !SERVICE_LINK.matcher(variable).matches();
    }

    /// A line without a value is as if it were not there, but for a mistake in its name.
    private Settings withLine(String path, String name, @Nullable Object value) {
        if (value != null) {
            return with(path, name, value);
        }
        if (!Setting.all().containsKey(name) && ForeignSetting.find(name).isEmpty()) {
            throw new SettingsException("%s: %s".formatted(path, unknown(name)));
        }
        return this;
    }

    /// A copy with one setting changed.
    ///
    /// @throws SettingsException when there is no such setting (the message names the nearest) or
    ///   the value is not of its type
    public Settings with(String name, Object value) {
        return changed(CODE, name, value);
    }

    /// A copy with one setting changed.
    ///
    /// @param source where it was said; messages and [#source] tell it
    /// @throws SettingsException as [#with(String, Object)]
    public Settings with(String source, String name, Object value) {
        try {
            return changed(source, name, value);
        } catch (SettingsException e) {
            throw new SettingsException("%s: %s".formatted(source, e.getMessage()), e);
        }
    }

    private Settings changed(String source, String name, Object value) {
        var setting = Setting.all().get(name);
        if (setting == null) {
            return without(
                    source,
                    ForeignSetting.find(name)
                            .orElseThrow(() -> new SettingsException(unknown(name))));
        }
        var copy = new LinkedHashMap<>(said);
        copy.put(name, new Said(setting.read(value), value, source));
        return new Settings(copy, warnings);
    }

    private Settings without(String source, ForeignSetting foreign) {
        if (foreign.refused()) {
            throw new SettingsException(
                    "Celery's setting '%s' has no meaning here: %s"
                            .formatted(foreign.name(), foreign.reason()));
        }
        var more = new LinkedHashMap<>(warnings);
        more.put(
                foreign.name(),
                "Celery's setting '%s' (%s) has no effect here: %s"
                        .formatted(foreign.name(), source, foreign.reason()));
        return new Settings(said, more);
    }

    private static String unknown(String name) {
        // Celery's names of old are in capitals, some with its own name before them.
        var modern = name.toLowerCase(Locale.ROOT).replaceFirst("^celery_", "");
        return "there is no setting '%s'%s"
                .formatted(
                        name,
                        near(modern, Setting.all().keySet())
                                .map("; did you mean '%s'?"::formatted)
                                .orElse("; muster report --all lists them"));
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
        var known = said.get(setting.name());
        return known == null ? setting.defaultValue() : (T) known.value();
    }

    /// Whether someone has set it, be it to its default.
    public boolean isSet(Setting<?> setting) {
        return said.containsKey(setting.name());
    }

    /// Where the value of a setting was said: the path of a file, `environment variable NAME`,
    /// `system property NAME`, `code`, the option of a command, or `default`.
    public String source(Setting<?> setting) {
        var known = said.get(setting.name());
        return known == null ? "default" : known.source();
    }

    /// What was said in vain, in sentences: settings that only tune the inside of Celery.
    public List<String> warnings() {
        return List.copyOf(warnings.values());
    }

    /// What was said of each setting, in the words in which it was said: [#withAll] makes the same
    /// settings of it.
    public Map<String, Object> given() {
        var given = new LinkedHashMap<String, Object>();
        said.forEach((name, what) -> given.put(name, what.words()));
        return given;
    }

    /// Which of `names` someone may have meant by `name`: the one that looks most like it, if it
    /// looks like it at all.
    public static Optional<String> near(String name, Collection<String> names) {
        return Optional.of(names)
                .filter(some -> !some.isEmpty())
                .map(some -> nearest(name, some))
                .filter(found -> editDistance(name, found) <= Math.max(2, name.length() / 3));
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
