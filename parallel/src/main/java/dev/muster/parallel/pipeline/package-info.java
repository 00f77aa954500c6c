/// Pipelines of coroutines, and generators.
///
/// Start at [Pipelines], whose methods build a pipeline from its end to its beginning, and at
/// [Stage], which says what each part of one does. [Generator] turns a loop into an iterator.
@NullMarked
package dev.muster.parallel.pipeline;

import org.jspecify.annotations.NullMarked;
