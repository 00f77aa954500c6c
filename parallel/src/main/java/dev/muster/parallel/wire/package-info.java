/// Values as bytes, and how they travel between processes and machines.
///
/// Start at [Values], which makes a [Packed] of a value and back; [TypeFilter] says which classes
/// may come out of bytes. A [Link] carries frames of bytes between those who know the same
/// [SharedKey]; a [LinkServer] accepts them.
@NullMarked
package dev.muster.parallel.wire;

import org.jspecify.annotations.NullMarked;
