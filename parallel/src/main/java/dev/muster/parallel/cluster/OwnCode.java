package dev.muster.parallel.cluster;

import dev.muster.parallel.child.ClassSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The code of this program, read when the first server needs it. Thread-safe.
final class OwnCode {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterPool.class);

    private final ClassLoader loader;
    private final byte @Nullable [] initializer;
    private final String nonce = Nonce.text();

    /// Guarded by this.
    private @Nullable ProgramCode known;

    /// @param initializer run once in each child; null for nothing
    OwnCode(ClassLoader loader, byte @Nullable [] initializer) {
        this.loader = loader;
        this.initializer = initializer;
    }

    /// @throws IOException when the class path cannot be read
    synchronized ProgramCode get() throws IOException {
        var code = known;
        if (code == null) {
            code = ProgramCode.of(loader, nonce, initializer);
            known = code;
        }
        return code;
    }

    byte @Nullable [] initializer() {
        return initializer;
    }

    /// A class that is on no class path.
    ///
    /// @return null when there is none
    byte @Nullable [] find(String resource) {
        try {
            return ClassSource.of(loader).find(resource);
        } catch (UncheckedIOException e) {
            LOG.warn("A server cannot have {}: {}", resource, e.toString());
            return null;
        }
    }

    /// Has the class path read again, as it may have changed.
    synchronized void forget() {
        known = null;
    }
}
