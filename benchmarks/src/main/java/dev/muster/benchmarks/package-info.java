/// Side-by-side runs against the peers. `./bench` at the root of the repository starts
/// [dev.muster.benchmarks.Bench], which knows them by their names. A new one makes a
/// [dev.muster.benchmarks.Comparison] of quantities and contestants, which measures them in turns,
/// and gives its table to the [dev.muster.benchmarks.Report].
@NullMarked
package dev.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
