/// One machine: pipelines of coroutines, generators, concurrent calls, and the laws of speed-up.
///
/// Start at [Pipelines], whose methods build a pipeline from its end to its beginning, and at
/// [Stage], which says what each part of one does. [Generator] turns a loop into an iterator,
/// [Async] runs calls side by side, and [Speedup] tells what more processors can bring.
@NullMarked
package dev.muster.parallel;

import org.jspecify.annotations.NullMarked;
