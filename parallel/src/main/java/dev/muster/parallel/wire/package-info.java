/// Values as bytes: what travels between processes.
///
/// Start at [Values], which makes a [Packed] of a value and back. [TypeFilter] says which classes
/// may come out of bytes.
@NullMarked
package dev.muster.parallel.wire;

import org.jspecify.annotations.NullMarked;
