/// Side-by-side runs against the peers. `./bench` at the root of the repository starts
/// [dev.muster.benchmarks.QueueComparison]. [dev.muster.benchmarks.OneMachine] is about pipelines.
@NullMarked
package dev.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
