/// Task messages: what a call of a task looks like on the wire (celery-wire section 1).
///
/// A [dev.muster.queue.message.TaskRequest] is the call as plain data.
/// [dev.muster.queue.message.TaskProtocol] writes it as a message of Celery's protocol 2 and reads
/// protocols 1 and 2.
@NullMarked
package dev.muster.queue.message;

import org.jspecify.annotations.NullMarked;
