package dev.muster.queue.control;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The exchanges and queues of remote control, and the messages on them (celery-wire 7.1, 7.2).
final class Wire {
    static final Exchange COMMANDS = new Exchange("celery.pidbox", Exchange.Type.FANOUT, false);
    private static final Exchange REPLIES =
            new Exchange("reply.celery.pidbox", Exchange.Type.DIRECT, false);

    /// In milliseconds; RabbitMQ refuses other values than Celery's, as it has declared the same.
    private static final Map<String, Object> ARGUMENTS =
            Map.of("x-message-ttl", 300_000, "x-expires", 10_000);

    private Wire() {}

    static Queue commandsOf(String name) {
        return new Queue(name + ".celery.pidbox", COMMANDS, "", Queue.Lifetime.REPLIES, ARGUMENTS);
    }

    static Queue repliesTo(String client) {
        return new Queue(
                client + ".reply.celery.pidbox",
                REPLIES,
                client,
                Queue.Lifetime.REPLIES,
                ARGUMENTS);
    }

    static Command.Ticket ticket(String id, String client) {
        return new Command.Ticket(id, REPLIES.name(), client);
    }

    /// @param expires when the sender waits no more, in seconds since the epoch; 0 when it does not
    ///   wait
    static Publication publish(Json json, Command command, long clock, double expires) {
        return new Publication(
                COMMANDS.name(),
                "",
                message(json.write(command.toPlain()), Map.of("clock", clock, "expires", expires)));
    }

    /// @param body what stands behind the node's name
    static Publication reply(
            Json json, Command.Ticket ticket, String node, @Nullable Object body, long clock) {
        var content = new LinkedHashMap<String, @Nullable Object>();
        content.put(node, body);
        return new Publication(
                ticket.exchange(),
                ticket.routingKey(),
                message(json.write(content), Map.of("ticket", ticket.id(), "clock", clock)));
    }

    /// Transient, so that it is no error when nobody listens.
    private static Message message(byte[] body, Map<String, @Nullable Object> headers) {
        return new Message(
                body,
                "application/json",
                "utf-8",
                headers,
                new Message.Properties(null, null, false, 0, null));
    }
}
