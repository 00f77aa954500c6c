package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;

/// The files that come with this package.
final class Resources {
    private Resources() {}

    static String text(String name) {
        try (var source = Resources.class.getResourceAsStream(name)) {
            if (source == null) {
                throw new IllegalStateException("the resource %s is missing".formatted(name));
            }
            return new String(source.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
