/// Shared managers: queues, maps, lists, counters, locks, semaphores, barriers, events and objects
/// that several programs use together, on one machine or on several.
///
/// One program owns them: [SharedManager], or `muster manager --listen`. The others begin with
/// [SharedClient]. Values are bytes to the manager, so it needs none of their classes, and runs
/// nothing of what they hold.
@NullMarked
package dev.muster.parallel.shared;

import org.jspecify.annotations.NullMarked;
