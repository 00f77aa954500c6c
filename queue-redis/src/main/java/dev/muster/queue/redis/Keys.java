package dev.muster.queue.redis;

import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import java.util.List;

/// The names of keys and channels in Redis (celery-wire 3.1, 3.6, 3.8), global prefix included.
///
/// @param database goes into the names of channels, which Redis itself does not separate by
///   database
record Keys(TransportOptions options, int database) {
    String unacked() {
        return prefixed(options.unackedKey());
    }

    String unackedIndex() {
        return prefixed(options.unackedIndexKey());
    }

    String unackedMutex() {
        return prefixed(options.unackedMutexKey());
    }

    /// Ours alone: the tags that Java workers hold, by the time of their last sign of life, in
    /// milliseconds since 1970 by the clock of Redis.
    String leases() {
        return prefixed("muster.leases");
    }

    /// Ours alone: the messages that are kept back, by the time when they are due.
    String delayed() {
        return prefixed("muster.delayed");
    }

    /// Ours alone: is there while somebody brings those messages into their lists.
    String delayedAlive() {
        return prefixed("muster.delayed.alive");
    }

    /// Ours alone: tells that a message is due earlier than all others.
    String delayedChannel() {
        return prefixed("/%d.muster.delayed".formatted(database));
    }

    /// The three keys that say who holds what, in the order in which the scripts expect them.
    List<String> holding() {
        return List.of(unacked(), unackedIndex(), leases());
    }

    /// The list of one priority step of a queue.
    String queue(String name, int step) {
        return prefixed(step == 0 ? name : name + options.separator() + step);
    }

    /// The list that a message of this priority goes to: that of the largest step that is not above
    /// it.
    String queueFor(String name, long priority) {
        var clamped = Math.clamp(priority, 0, 9);
        for (var step : options.prioritySteps().reversed()) {
            if (step <= clamped) {
                return queue(name, step);
            }
        }
        // As kombu does it, a priority below all steps goes to the last one.
        return queue(name, options.prioritySteps().getLast());
    }

    /// All lists of a queue, the most urgent first.
    List<String> queues(String name) {
        return options.prioritySteps().stream().map(step -> queue(name, step)).toList();
    }

    String bindings(String exchange) {
        return prefixed("_kombu.binding." + exchange);
    }

    /// How the binding of a queue is written into the set of its exchange.
    String binding(Queue queue, Exchange.Type type) {
        var pattern = type == Exchange.Type.TOPIC ? TopicPattern.kombuText(queue.routingKey()) : "";
        return String.join(options.separator(), queue.routingKey(), pattern, queue.name());
    }

    /// The channel that a message to a fanout exchange is published on.
    String channel(String exchange, String routingKey) {
        var prefix = options.fanoutPrefix().replace("{db}", Integer.toString(database));
        var key = options.fanoutPatterns() && !routingKey.isEmpty() ? "/" + routingKey : "";
        return prefixed(prefix + exchange + key);
    }

    /// The pattern that a queue bound to a fanout exchange subscribes to.
    String channelPattern(Queue queue) {
        return channel(queue.exchange().name(), queue.routingKey().replace('#', '*'));
    }

    private String prefixed(String name) {
        return options.globalKeyPrefix() + name;
    }
}
