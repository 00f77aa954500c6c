package dev.muster.queue.control;

import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The exchanges and queues of remote control, and the messages on them (celery-wire 7.1, 7.2).
final class Wire {
    private final Exchange commands;
    private final Exchange replies;
    private final Duration messageTtl;
    private final Duration queueExpires;

    Wire(Settings settings) {
        var name = settings.get(Setting.CONTROL_EXCHANGE) + ".pidbox";
        this.commands = new Exchange(name, Exchange.Type.FANOUT, false);
        this.replies = new Exchange("reply." + name, Exchange.Type.DIRECT, false);
        this.messageTtl = settings.get(Setting.CONTROL_QUEUE_TTL);
        this.queueExpires = settings.get(Setting.CONTROL_QUEUE_EXPIRES);
    }

    /// Where clients hear replies.
    Exchange replies() {
        return replies;
    }

    Queue commandsOf(String node) {
        return queue(node, commands, "");
    }

    Queue repliesTo(String client) {
        return queue(client, replies, client);
    }

    private Queue queue(String reader, Exchange exchange, String routingKey) {
        return Queue.ofReader(
                reader + "." + exchange.name(), exchange, routingKey, messageTtl, queueExpires);
    }

    Command.Ticket ticket(String id, String client) {
        return new Command.Ticket(id, replies.name(), client);
    }

    /// @param expires when the sender waits no more, in seconds since the epoch; 0 when it does not
    ///   wait
    Publication publish(Serializers serializers, Command command, long clock, double expires) {
        return new Publication(
                commands.name(),
                "",
                serializers.message(command.toPlain(), Map.of("clock", clock, "expires", expires)));
    }

    /// @param body what stands behind the node's name
    static Publication reply(
            Serializers serializers,
            Command.Ticket ticket,
            String node,
            @Nullable Object body,
            long clock) {
        var content = new LinkedHashMap<String, @Nullable Object>();
        content.put(node, body);
        return new Publication(
                ticket.exchange(),
                ticket.routingKey(),
                serializers.message(content, Map.of("ticket", ticket.id(), "clock", clock)));
    }
}
