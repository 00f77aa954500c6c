/// One machine: pools of threads and processes, concurrent calls, and the laws of speed-up.
///
/// [Async] runs calls side by side, and [Speedup] tells what more processors can bring. Pipelines
/// of coroutines are in `dev.muster.parallel.pipeline`.
@NullMarked
package dev.muster.parallel;

import org.jspecify.annotations.NullMarked;
