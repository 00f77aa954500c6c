/// A bounded queue in memory that several processes share.
///
/// Start at [SharedQueue]. [Slots] is the order of the values, in a file that all processes have
/// mapped; [Lane] is the memory with the values of one process. Who has to wait does so in
/// [Waiters], and is woken by a [Doorbell]: the [Hub] in the process that made the queue, the
/// [Line] to it in all others. `docs/decisions/0011-queues-in-shared-memory.md` says why.
@NullMarked
package dev.muster.parallel.ring;

import org.jspecify.annotations.NullMarked;
