package dev.muster.queue.jdbc;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Queue;
import java.sql.SQLException;
import java.util.List;

/// The tables of queues, exchanges and bindings.
final class Queues {
    private static final String INSERT_EXCHANGE =
            """
            INSERT INTO muster_exchange (name, type) VALUES (:exchange, :type)
            ON CONFLICT DO NOTHING
            """;
    private static final String EXCHANGE_TYPE =
            "SELECT type FROM muster_exchange WHERE name = :exchange";
    private static final String INSERT_QUEUE =
            """
            INSERT INTO muster_queue (name, lifetime, touched_at)
            SELECT :queue, CAST(:lifetime AS text),
              CASE WHEN CAST(:lifetime AS text) = 'REPLIES' THEN :now END
            WHERE true
            ON CONFLICT DO NOTHING
            """;
    private static final String QUEUE_LIFETIME =
            "SELECT lifetime FROM muster_queue WHERE name = :queue";
    private static final String INSERT_BINDING =
            """
            INSERT INTO muster_binding (exchange, routing_key, queue)
            VALUES (:exchange, :routing_key, :queue) ON CONFLICT DO NOTHING
            """;

    /// Its messages by the two indexes that begin with the queue, so that others' are not read.
    /// First those for later, as one of them may become one to take now, and not the reverse.
    private static final List<String> DROP =
            List.of(
                    "DELETE FROM muster_message WHERE queue = :queue AND due_at IS NOT NULL",
                    """
                    DELETE FROM muster_message
                    WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL
                    """,
                    "DELETE FROM muster_binding WHERE queue = :queue",
                    "DELETE FROM muster_queue WHERE name = :queue");

    private Queues() {}

    /// @throws BrokerException when queue or exchange exist with other properties
    static void declare(Session.Transaction transaction, Queue queue) throws SQLException {
        transaction
                .query(INSERT_QUEUE)
                .set("queue", queue.name())
                .set("lifetime", queue.lifetime().name())
                .update();
        require(
                transaction.query(QUEUE_LIFETIME).set("queue", queue.name()),
                "queue",
                queue.name(),
                "lifetime",
                queue.lifetime().name());
        var exchange = queue.exchange();
        if (exchange.name().isEmpty()) {
            return;
        }
        var type = exchange.type().wireName();
        transaction
                .query(INSERT_EXCHANGE)
                .set("exchange", exchange.name())
                .set("type", type)
                .update();
        require(
                transaction.query(EXCHANGE_TYPE).set("exchange", exchange.name()),
                "exchange",
                exchange.name(),
                "type",
                type);
        transaction
                .query(INSERT_BINDING)
                .set("exchange", exchange.name())
                .set("routing_key", queue.routingKey())
                .set("queue", queue.name())
                .update();
    }

    private static void require(
            Query query, String kind, String name, String property, String expected)
            throws SQLException {
        for (var actual : query.list(row -> row.getString(1))) {
            if (!actual.equals(expected)) {
                throw BrokerException.refused(
                        "%s '%s' exists with the %s %s, and was now declared with %s; use that, or another name"
                                .formatted(kind, name, property, actual, expected),
                        null);
            }
        }
    }

    /// Removes a queue of replies, of which none is ever claimed, with its bindings and messages.
    static void drop(Session.Transaction transaction, String queue) throws SQLException {
        for (var statement : DROP) {
            transaction.query(statement).set("queue", queue).update();
        }
    }
}
