package dev.muster.cli;

import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.SettingsException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Shows values of settings without what must stay secret: passwords in addresses, and options
/// whose name says so.
final class Secrets {
    private static final Pattern NAME =
            Pattern.compile("(?i).*(password|passwd|secret|token|credential|key_?file).*");
    private static final Pattern ADDRESS = Pattern.compile("(?s)[a-zA-Z][a-zA-Z0-9+.-]*:.*");

    private Secrets() {}

    static String mask(@Nullable Object value) {
        return switch (value) {
            case Optional<?> optional -> mask(optional.orElse(null));
            case Map<?, ?> map -> {
                var masked = new TreeMap<String, String>();
                map.forEach((key, item) -> {
                    var name = String.valueOf(key);
                    masked.put(name, NAME.matcher(name).matches() ? "**" : mask(item));
                });
                yield masked.toString();
            }
            case String text when ADDRESS.matcher(text).matches() -> maskAddress(text);
            case null, default -> String.valueOf(value);
        };
    }

    private static String maskAddress(String text) {
        try {
            return ServiceUrl.parse(text).toString();
        } catch (SettingsException e) {
            return "(no address that could be shown without its password)";
        }
    }
}
