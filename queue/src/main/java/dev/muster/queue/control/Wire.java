package dev.muster.queue.control;

import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The exchanges and queues of remote control, and the messages on them (celery-wire 7.1, 7.2).
final class Wire {
    private final Exchange commands;
    private final Exchange replies;
    private final Map<String, Object> arguments;

    Wire(Settings settings) {
        var name = settings.get(Setting.CONTROL_EXCHANGE) + ".pidbox";
        this.commands = new Exchange(name, Exchange.Type.FANOUT, false);
        this.replies = new Exchange("reply." + name, Exchange.Type.DIRECT, false);
        // In milliseconds.
        this.arguments =
                Map.of(
                        "x-message-ttl",
                        settings.get(Setting.CONTROL_QUEUE_TTL).toMillis(),
                        "x-expires",
                        settings.get(Setting.CONTROL_QUEUE_EXPIRES).toMillis());
    }

    /// Where clients hear replies.
    Exchange replies() {
        return replies;
    }

    Queue commandsOf(String node) {
        return new Queue(
                node + "." + commands.name(), commands, "", Queue.Lifetime.REPLIES, arguments);
    }

    Queue repliesTo(String client) {
        return new Queue(
                client + "." + replies.name(), replies, client, Queue.Lifetime.REPLIES, arguments);
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
