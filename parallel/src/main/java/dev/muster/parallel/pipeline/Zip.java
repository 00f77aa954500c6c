package dev.muster.parallel.pipeline;

/// The two entrances of a stage that pairs values; see [Pipelines#zip].
///
/// @param left takes the first of each pair
/// @param right takes the second of each pair
public record Zip<A, B>(Stage<A> left, Stage<B> right) {}
