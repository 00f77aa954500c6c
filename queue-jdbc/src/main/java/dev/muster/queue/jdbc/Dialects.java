package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.SettingsException;
import java.nio.file.Path;
import java.util.Set;

/// Finds the dialect of a URL.
final class Dialects {
    static final Set<String> SCHEMES = Set.of("sqlite", "postgresql");

    private Dialects() {}

    /// @throws SettingsException when the URL makes no sense
    static Dialect of(ServiceUrl url, Environment environment) {
        return switch (url.scheme()) {
            case "sqlite" -> sqlite(url, environment);
            case "postgresql" -> new PostgresDialect(url, environment);
            default -> throw new IllegalArgumentException("no database: " + url);
        };
    }

    private static Dialect sqlite(ServiceUrl url, Environment environment) {
        var path = ServiceUrl.decode(url.path());
        if (path.isEmpty() || path.startsWith(":") || !url.host().isEmpty()) {
            throw new SettingsException(
                    "%s names no file; write sqlite:queue.db, sqlite:/var/lib/queue.db, or memory: for a queue that lives in this process only"
                            .formatted(url));
        }
        // The driver takes what follows a question mark for parameters.
        if (path.contains("?")) {
            throw new SettingsException(
                    "%s: the name of a SQLite file cannot contain a question mark".formatted(url));
        }
        return new SqliteDialect(Path.of(path), environment.clock());
    }
}
