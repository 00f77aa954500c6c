package dev.muster.spring;

import dev.muster.queue.Muster;

/// Changes how the application's [Muster] is built. A bean of this type is found.
@FunctionalInterface
public interface MusterCustomizer {
    void customize(Muster.Builder muster);
}
