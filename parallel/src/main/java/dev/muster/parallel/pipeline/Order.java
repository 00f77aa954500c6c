package dev.muster.parallel.pipeline;

/// In which order [Pipelines#parallel] sends what it has computed.
public enum Order {
    /// As the values came.
    ORDERED,

    /// As they get ready.
    UNORDERED
}
