/// A broker and a result store in the memory of this process, for `memory:` URLs.
///
/// They are the reference for what the interfaces mean, serve tests that need no server, and carry
/// tasks between the threads of one program. Nothing survives the process, and nothing is bounded:
/// messages and records that nobody takes use memory until they expire.
@NullMarked
package dev.muster.queue.memory;

import org.jspecify.annotations.NullMarked;
