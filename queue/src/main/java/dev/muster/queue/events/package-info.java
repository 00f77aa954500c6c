/// What happens in a cluster, told to whoever listens: Celery's events (celery-wire 8).
///
/// An [EventSender] tells, an [EventReceiver] hears, and a [ClusterState] puts together what was
/// heard. Events are for people and their tools: they may be lost, and nothing depends on them.
@NullMarked
package dev.muster.queue.events;

import org.jspecify.annotations.NullMarked;
