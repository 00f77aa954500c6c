package dev.muster.parallel.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// Where children get classes that are not on their class path, as those of a program that was
/// compiled in memory.
@FunctionalInterface
public interface ClassSource {
    /// @param resource as `java.lang.ClassLoader.getResource` has it
    /// @return null when there is none
    byte @Nullable [] find(String resource);

    /// All that a class loader knows.
    static ClassSource of(ClassLoader loader) {
        return resource -> {
            try (var stream = loader.getResourceAsStream(resource)) {
                return stream == null ? null : stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
