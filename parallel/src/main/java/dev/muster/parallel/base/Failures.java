package dev.muster.parallel.base;

import org.jspecify.annotations.Nullable;

/// Keeps all of several failures, the first one in front.
public final class Failures {
    private Failures() {}

    /// Attaches the other failure to the first one as suppressed, unless it is the same.
    ///
    /// @return the first one, or the other where there is none yet
    public static Throwable merge(@Nullable Throwable first, Throwable other) {
        if (first == null) {
            return other;
        }
        attach(first, other);
        return first;
    }

    /// Attaches the other failure as suppressed, unless it is the same.
    public static void attach(Throwable failure, Throwable other) {
        if (!other.equals(failure) && !failure.equals(other.getCause())) {
            failure.addSuppressed(other);
        }
    }
}
