package dev.muster.queue.jdbc;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Queues in a database.
///
/// A publication is a row, and so is a delivery: a consumer claims rows by writing its number into
/// them, and deletes each when it is acknowledged. Within a queue the larger priority goes first,
/// as in RabbitMQ, then the older row, but for what comes to stand before rows that have been taken
/// ([Positions]). What several threads publish at the same time is one transaction, and so is what
/// they settle, mostly with one statement.
///
/// Two connections: one publishes, and the other claims and settles; [Dialect.Purpose] says what
/// their commits survive.
///
/// In a transaction of the caller on SQLite, that caller is the file's only writer until it
/// commits: whatever else it sends meanwhile must go through the same transaction, or waits for it.
final class JdbcBroker implements Broker {
    /// Messages of how many calls are one transaction at the most.
    private static final int BATCH = 500;

    /// Not with `EXISTS`, which a planner may take for a join with all that waits.
    private static final String WAITING =
            """
            SELECT value FROM each_text(:queues)
            WHERE (
              SELECT 1 FROM muster_message
              WHERE queue = value AND claimed_by IS NULL AND due_at IS NULL LIMIT 1) IS NOT NULL
            """;

    /// Found by their ids: a planner that used the index of claims would read all that was claimed
    /// lately.
    private static final String CLAIMED =
            """
             WHERE id {in (SELECT CAST(value AS bigint) FROM each_text(:ids))}
              AND (claimed_by = :claim) IS TRUE
            """;

    private static final String ACKNOWLEDGE = "DELETE FROM muster_message" + CLAIMED;
    private static final String GIVE_BACK = "UPDATE muster_message SET claimed_by = NULL" + CLAIMED;
    private static final String LENGTH =
            """
            SELECT COUNT(*) FROM muster_message
            WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL
              AND (expires_at IS NULL OR expires_at > :now)
            """;
    private static final String PURGE =
            "DELETE FROM muster_message WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL";

    private static final Logger LOG = LoggerFactory.getLogger(JdbcBroker.class);

    private final Dialect dialect;
    private final Json json;
    private final MessageTable messages;
    private final Session publishing;
    private final Session working;
    private final Wakeups wakeups;
    private final DueMessages dueMessages;
    private final Leases leases;
    private final Batcher<Posting> postings = new Batcher<>(BATCH, this::publishBatch);
    private final Batcher<List<Settlement>> settlements =
            new Batcher<>(BATCH, asked -> settleAll(asked.stream().flatMap(List::stream).toList()));
    private final Set<Queue> declared = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Settlement> unfinished = new ConcurrentLinkedQueue<>();
    private final List<JdbcConsumer> consumers = new CopyOnWriteArrayList<>();

    JdbcBroker(Dialect dialect, Duration lease, String owner) {
        this.dialect = dialect;
        this.json = new Json(true);
        this.messages = new MessageTable(json);
        this.publishing = new Session(dialect, Dialect.Purpose.PUBLICATIONS, this::failure);
        this.working = new Session(dialect, Dialect.Purpose.DELIVERIES, this::failure);
        this.wakeups = dialect.wakeups(Topic.MESSAGES);
        this.dueMessages = new DueMessages(working, wakeups);
        this.leases = new Leases(working, wakeups, lease, owner, this::finishSettlements);
    }

    private RuntimeException failure(SQLException error) {
        var failure = dialect.explain(error);
        return failure.isTransient()
                ? BrokerException.unreachable(
                        description(), new SQLException(failure.message(), error))
                : BrokerException.refused(
                        "broker %s: %s".formatted(description(), failure.message()), error);
    }

    @Override
    public void declare(Queue queue) {
        if (declared.contains(queue)) {
            return;
        }
        publishing.write(transaction -> {
            Queues.declare(transaction, queue);
            return true;
        });
        declared.add(queue);
    }

    @Override
    public void publish(List<Publication> publications) {
        if (publications.isEmpty()) {
            return;
        }
        var posting = new Posting(publications.stream().map(messages::encode).toList());
        postings.submit(posting);
        if (posting.failure != null) {
            throw posting.failure;
        }
    }

    private void publishBatch(List<Posting> batch) {
        tell(
                publishing.write(transaction -> {
                    var queues = new TreeSet<String>();
                    var routes = new Routes(transaction);
                    var insert = messages.insert(transaction);
                    for (var posting : batch) {
                        post(posting, routes, insert, queues);
                    }
                    if (!queues.isEmpty()) {
                        insert.updateBatch();
                        wakeups.beforeCommit(transaction, queues);
                    }
                    return queues;
                }));
    }

    /// All of a posting or, when one of its messages goes nowhere, nothing of it.
    private void post(Posting posting, Routes routes, Query insert, Collection<String> queues)
            throws SQLException {
        var destinations = new ArrayList<List<String>>();
        for (var message : posting.messages) {
            var found = routes.of(message.publication());
            if (found.isEmpty()) {
                posting.failure = BrokerException.unroutable(description(), message.publication());
                return;
            }
            destinations.add(found);
        }
        for (var i = 0; i < destinations.size(); i++) {
            for (var queue : destinations.get(i)) {
                messages.addTo(insert, queue, posting.messages.get(i));
                queues.add(posting.messages.get(i).isForLater() ? DueMessages.topic(queue) : queue);
            }
        }
    }

    @Override
    public Optional<Transactions> transactions() {
        return Optional.of(this::publishWithin);
    }

    private void publishWithin(
            Connection connection, Collection<Queue> queues, List<Publication> publications) {
        var undeclared = queues.stream().filter(queue -> !declared.contains(queue)).toList();
        if (!dialect.hasOneWriter()) {
            undeclared.forEach(this::declare); // so that no other sender waits for this one's end
        }
        var posting = new Posting(publications.stream().map(messages::encode).toList());
        var transaction = new Session.Transaction(dialect, connection);
        try {
            if (connection.getAutoCommit()) {
                throw BrokerException.refused(
                        "there is no transaction to take part in: call setAutoCommit(false) first",
                        null);
            }
            var reached = new TreeSet<String>();
            dialect.enlist(connection, () -> tell(reached));
            if (dialect.hasOneWriter()) {
                // Each time, as the transaction may be rolled back.
                for (var queue : undeclared) {
                    Queues.declare(transaction, queue);
                }
            }
            var insert = messages.insert(transaction);
            post(posting, new Routes(transaction), insert, reached);
            if (posting.failure != null) {
                throw posting.failure;
            }
            if (!reached.isEmpty()) {
                insert.updateBatch();
                wakeups.beforeCommit(transaction, reached);
            }
        } catch (SQLException e) {
            throw failure(e);
        } finally {
            transaction.closeStatements();
        }
    }

    private void tell(Collection<String> queues) {
        if (queues.isEmpty()) {
            return;
        }
        try {
            wakeups.afterCommit(queues);
        } catch (SQLException e) {
            LOG.debug("the readers of {} were not woken", queues, e);
        }
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
        try {
            wakeups.listen(this::heard);
        } catch (SQLException e) {
            throw failure(e);
        }
        var consumer = new JdbcConsumer(this, queues, prefetch, leases.register());
        consumers.add(consumer);
        leases.add(consumer);
        return consumer;
    }

    private void heard(String queue) {
        for (var consumer : consumers) {
            consumer.heard(queue);
        }
    }

    /// Takes up to `max` rows, from the queues in this order.
    List<JdbcConsumer.Claimed> claim(long claim, List<Queue> queues, Positions positions, int max) {
        if (queues.size() == 1 && !dialect.hasOneWriter()) {
            // Hardly ever more than one statement.
            return working.writeEach(transaction -> {
                var taking = new Taking(transaction, dialect, claim, positions);
                taking.take(queues.getFirst(), max);
                return taking.taken();
            });
        }
        var waiting = waiting(queues, positions);
        if (waiting.isEmpty()) {
            return List.of();
        }
        return working.write(transaction -> {
            var taking = new Taking(transaction, dialect, claim, positions);
            // First a fair share of each, then what is left of those that have more.
            var share = Math.ceilDiv(max, waiting.size());
            var more = new ArrayList<Queue>();
            for (var queue : waiting) {
                if (taking.take(queue, Math.min(share, max - taking.taken().size()))) {
                    more.add(queue);
                }
            }
            for (var queue : more) {
                taking.take(queue, max - taking.taken().size());
            }
            return taking.taken();
        });
    }

    /// Those that have something, or had more than was taken from them when they were last looked
    /// at.
    private List<Queue> waiting(List<Queue> queues, Positions positions) {
        var waiting = positions.unfinished();
        var others =
                queues.stream().map(Queue::name).filter(name -> !waiting.contains(name)).toList();
        if (!others.isEmpty()) {
            var list = json.writeText(others);
            waiting.addAll(
                    working.read(transaction ->
                            transaction
                                    .query(WAITING)
                                    .set("queues", list)
                                    .list(row -> row.getString(1))));
        }
        return queues.stream().filter(queue -> waiting.contains(queue.name())).toList();
    }

    /// Makes ready what is due.
    ///
    /// @return how long until the next message is due; empty while there is none
    Optional<Duration> releaseDue(Collection<String> queues) {
        return dueMessages.release(queues, this::tell);
    }

    MessageTable.Decoded decode(MessageTable.Row row) {
        return messages.decode(row);
    }

    void renewLeases() {
        leases.round();
    }

    void settle(List<JdbcConsumer.Claimed> rows, boolean requeue) {
        settle(rows.stream().map(row -> new Settlement(row, requeue)).toList());
    }

    private void settle(List<Settlement> asked) {
        try {
            settlements.submit(asked);
        } catch (BrokerException e) {
            // Their leases go on, so they must not be forgotten.
            unfinished.addAll(asked);
            throw e;
        }
    }

    /// Settles what could not be settled when it was asked for.
    private void finishSettlements() {
        for (var some = someUnfinished(); !some.isEmpty(); some = someUnfinished()) {
            settle(some);
        }
    }

    private List<Settlement> someUnfinished() {
        var some = new ArrayList<Settlement>();
        for (var settlement = unfinished.poll();
                settlement != null;
                settlement = some.size() < BATCH ? unfinished.poll() : null) {
            some.add(settlement);
        }
        return some;
    }

    private void settleAll(List<Settlement> batch) {
        if (batch.isEmpty()) {
            return;
        }
        var givenBack = batch.stream().filter(Settlement::requeue).toList();
        var acknowledged = batch.stream().filter(asked -> !asked.requeue).toList();
        if (givenBack.isEmpty()) {
            working.writeEach(transaction -> {
                settle(transaction, ACKNOWLEDGE, acknowledged);
                return true;
            });
            return;
        }
        tell(
                working.write(transaction -> {
                    settle(transaction, ACKNOWLEDGE, acknowledged);
                    settle(transaction, GIVE_BACK, givenBack);
                    var queues = new TreeSet<String>();
                    givenBack.forEach(settlement -> queues.add(settlement.row.queue()));
                    wakeups.beforeCommit(transaction, queues);
                    return queues;
                }));
    }

    /// One statement for each consumer of this process, which is hardly ever more than one.
    private static void settle(
            Session.Transaction transaction, String statement, List<Settlement> settlements)
            throws SQLException {
        var byClaim =
                settlements.stream()
                        .collect(
                                Collectors.groupingBy(
                                        settlement -> settlement.row.claim(),
                                        Collectors.mapping(
                                                settlement ->
                                                        String.valueOf(settlement.row.row().id()),
                                                Collectors.joining(",", "[", "]"))));
        for (var of : byClaim.entrySet()) {
            transaction
                    .query(statement)
                    .set("claim", of.getKey())
                    .set("ids", of.getValue())
                    .update();
        }
    }

    /// Gives back all that a consumer holds.
    void release(JdbcConsumer consumer) {
        leases.remove(consumer);
        consumers.remove(consumer);
        var queues = consumer.queues().stream().map(Queue::name).toList();
        working.write(transaction -> {
            Leases.remove(transaction, consumer.claim());
            for (var queue : consumer.queues()) {
                if (queue.lifetime() == Queue.Lifetime.REPLIES) {
                    Queues.drop(transaction, queue.name());
                    declared.remove(queue);
                }
            }
            wakeups.beforeCommit(transaction, queues);
            return true;
        });
        tell(queues);
    }

    @Override
    public long length(String queue) {
        return working.read(transaction -> transaction.query(LENGTH).set("queue", queue).number());
    }

    @Override
    public long purge(String queue) {
        return working.write(
                transaction -> (long) transaction.query(PURGE).set("queue", queue).update());
    }

    @Override
    public String description() {
        return dialect.description();
    }

    @Override
    public void close() {
        leases.close();
        for (var consumer : consumers) {
            consumer.close();
        }
        try {
            wakeups.close();
        } catch (SQLException e) {
            LOG.debug("closing {}", description(), e);
        }
        publishing.close();
        working.close();
        dialect.close();
    }

    /// What one caller publishes.
    private static final class Posting {
        private final List<MessageTable.Encoded> messages;
        private @Nullable BrokerException failure;

        private Posting(List<MessageTable.Encoded> messages) {
            this.messages = messages;
        }
    }

    private record Settlement(JdbcConsumer.Claimed row, boolean requeue) {}
}
