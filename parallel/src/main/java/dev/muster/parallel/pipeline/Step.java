package dev.muster.parallel.pipeline;

import java.util.Objects;

/// A plain function in a pipeline.
///
/// @param function a `Function`, a `Predicate` where it filters, a `Consumer` where it looks on
record Step(Kind kind, Object function) {
    enum Kind {
        MAP,
        FLAT_MAP,
        FILTER,
        TEE
    }

    Step {
        Objects.requireNonNull(function, "function");
    }
}
