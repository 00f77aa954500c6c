package dev.muster.benchmarks;

import java.util.Arrays;

/// What `./bench` starts: a comparison by its name, or the one of task queues, with its arguments.
public final class Bench {
    private Bench() {}

    /// @param args `pipeline`, `grep`, `pool` or `queues`, and what its class takes; or what
