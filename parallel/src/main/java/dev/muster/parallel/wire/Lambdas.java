package dev.muster.parallel.wire;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import org.jspecify.annotations.Nullable;

/// What the compiler notes about serializable lambdas and method references.
final class Lambdas {
    private Lambdas() {}

    /// Null when the object is no lambda, or when its module does not let us look.
    static @Nullable SerializedLambda describe(Object object) {
        if (!(object instanceof Serializable) || !object.getClass().isHidden()) {
            return null;
        }
        try {
            var replace = object.getClass().getDeclaredMethod("writeReplace");
            return replace.trySetAccessible()
                            && replace.invoke(object) instanceof SerializedLambda lambda
                    ? lambda
                    : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
