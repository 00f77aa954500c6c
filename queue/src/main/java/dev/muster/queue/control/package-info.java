/// Commands to workers, over the broker: Celery's remote control (celery-wire 7).
///
/// Start at [Control], which sends commands and collects the replies; a [Mailbox] is where a worker
/// hears them. What each command does is the worker's matter.
@NullMarked
package dev.muster.queue.control;

import org.jspecify.annotations.NullMarked;
