package dev.muster.spring;

import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/// Muster's settings among the properties of an application: `muster.broker-url`, or any other way
/// in which Spring lets one write it, is the setting `broker_url`.
final class MusterProperties {
    static final String PREFIX = "muster";

    private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(PREFIX);
    private static final String WORKER = "worker";

    private MusterProperties() {}

    /// @throws SettingsException when there is no setting of a name, or its value does not fit
    static Settings settings(Environment environment) {
        var settings = withoutForeign(environment);
        var binder = Binder.get(environment);
        for (var name : Setting.all().keySet()) {
            var property = ROOT.append(name.replace('_', '-'));
            var value = value(binder, property);
            if (value != null) {
                settings = with(settings, name, value, property);
            }
        }
        return settings;
    }

    private static Settings with(
            Settings settings, String name, Object value, ConfigurationPropertyName property) {
        return settings.with("property " + property, name, value);
    }

    /// As a file of YAML would have it: text and numbers, or maps and lists of these.
    private static @Nullable Object value(Binder binder, ConfigurationPropertyName property) {
        var scalar = binder.bind(property, Bindable.of(Object.class));
        if (scalar.isBound()) {
            return scalar.get();
        }
        return binder.bind(property, Bindable.mapOf(String.class, Object.class))
                .map(MusterProperties::withLists)
                .orElse(null);
    }

    /// Spring gives the items of a list by their numbers.
    private static Object withLists(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        var numbers =
                IntStream.range(0, map.size())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.toSet());
        if (!map.isEmpty() && map.keySet().equals(numbers)) {
            var list = new ArrayList<Object>();
            for (var index = 0; index < map.size(); index++) {
                list.add(withLists(Objects.requireNonNull(map.get(String.valueOf(index)))));
            }
            return list;
        }
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((name, item) -> copy.put(String.valueOf(name), withLists(item)));
        return copy;
    }

    /// The defaults, with a warning for each property that means something to Celery only.
    ///
    /// @throws SettingsException for any other that is no setting; its message suggests the nearest
    private static Settings withoutForeign(Environment environment) {
        var settings = Settings.DEFAULT;
        for (var source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource iterable) {
                var isVariable =
                        source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
                for (var name : iterable) {
                    if (ROOT.isAncestorOf(name) && !isKnown(name, isVariable)) {
                        settings = with(settings, asWritten(name, isVariable), List.of(), name);
                    }
                }
            }
        }
        return settings;
    }

    /// @param isVariable whether its words are apart by the same sign as its parts
    private static boolean isKnown(ConfigurationPropertyName name, boolean isVariable) {
        var first = name.getElement(1, Form.UNIFORM);
        if (first.equals(WORKER)) {
            return isVariable || name.getNumberOfElements() > 2;
        }
        return known().stream()
                .anyMatch(setting ->
                        isVariable ? joined(name).startsWith(setting) : first.equals(setting));
    }

    private static Set<String> known() {
        return Setting.all().keySet().stream()
                .map(name -> name.replace("_", ""))
                .collect(Collectors.toSet());
    }

    private static String joined(ConfigurationPropertyName name) {
        return IntStream.range(1, name.getNumberOfElements())
                .mapToObj(index -> name.getElement(index, Form.UNIFORM))
                .collect(Collectors.joining());
    }

    private static String asWritten(ConfigurationPropertyName name, boolean isVariable) {
        return isVariable
                ? name.subName(1).toString().replace('.', '_')
                : name.getElement(1, Form.DASHED).replace('-', '_');
    }
}
