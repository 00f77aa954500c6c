/// Side-by-side runs against the peers. `./bench` at the root of the repository starts
/// [dev.muster.benchmarks.Bench], which knows the comparisons by their names. A new one has a class
/// with a `run(List<String>)`, collects [dev.muster.benchmarks.Measurements] of Muster and of each
/// peer in turns, and prints them as a [dev.muster.benchmarks.Table].
@NullMarked
package dev.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
