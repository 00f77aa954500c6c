package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Publication;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Finds the queues that a publication goes to, and asks the database once per transaction for each
/// address. Not thread-safe.
final class Routes {
    private static final String QUEUE = "SELECT name FROM muster_queue WHERE name = :routing_key";
    private static final String BINDINGS =
            """
            SELECT b.queue, b.routing_key, e.type
            FROM muster_exchange e JOIN muster_binding b ON b.exchange = e.name
            WHERE e.name = :exchange AND (e.type <> 'direct' OR b.routing_key = :routing_key)
            """;

    private final Session.Transaction transaction;
    private final Map<Address, List<String>> known = new HashMap<>();

    Routes(Session.Transaction transaction) {
        this.transaction = transaction;
    }

    /// Empty when there is no such queue.
    List<String> of(Publication publication) throws SQLException {
        var address = new Address(publication.exchange(), publication.routingKey());
        var queues = known.get(address);
        if (queues == null) {
            queues = find(address);
            known.put(address, queues);
        }
        return queues;
    }

    private List<String> find(Address address) throws SQLException {
        if (address.exchange.isEmpty()) {
            return transaction
                    .query(QUEUE)
                    .set("routing_key", address.routingKey)
                    .list(row -> row.getString(1));
        }
        return transaction
                .query(BINDINGS)
                .set("exchange", address.exchange)
                .set("routing_key", address.routingKey)
                .list(row ->
                        new Binding(row.getString(1), row.getString(2), type(row.getString(3))))
                .stream()
                .filter(binding -> binding.accepts(address.routingKey))
                .map(Binding::queue)
                .distinct()
                .toList();
    }

    private static Exchange.Type type(String wireName) {
        return Exchange.Type.valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    private record Address(String exchange, String routingKey) {}

    private record Binding(String queue, String key, Exchange.Type type) {
        private boolean accepts(String routingKey) {
            return type.matches(key, routingKey);
        }
    }
}
