package dev.muster.queue.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Shows values of settings without what must stay secret: passwords in addresses, and what stands
/// behind a name that says so.
///
/// @param names of secrets; found anywhere in a name
/// @param mask stands for a secret
public record Secrets(Pattern names, String mask) {
    private static final Pattern ADDRESS = Pattern.compile("(?s)[a-zA-Z][a-zA-Z0-9+.-]*:.*");

    /// What may be shown of the value of a setting.
    ///
    /// @param name of the setting, or of an entry in it
    public @Nullable Object shown(String name, @Nullable Object value) {
        return names.matcher(name).find() ? mask : shown(value);
    }

    /// What may be shown of a value: maps and lists, sorted by name, and without secrets inside.
    public @Nullable Object shown(@Nullable Object value) {
        return switch (value) {
            case Optional<?> optional -> shown(optional.orElse(null));
            case Map<?, ?> map -> {
                var shown = new TreeMap<String, @Nullable Object>();
                map.forEach((key, item) -> {
                    var name = String.valueOf(key);
                    shown.put(name, shown(name, item));
                });
                yield shown;
            }
            case List<?> list -> list.stream().map(this::shown).toList();
            case String text when ADDRESS.matcher(text).matches() -> address(text);
            case null, default -> value;
        };
    }

    private static String address(String text) {
        try {
            return ServiceUrl.parse(text).toString();
        } catch (SettingsException e) {
            return "(no address that could be shown without its password)";
        }
    }
}
