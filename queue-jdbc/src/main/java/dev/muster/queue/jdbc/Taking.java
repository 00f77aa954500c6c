package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Queue;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes rows for a consumer, within one transaction: from where it has come to in a queue, and
/// from the head when nothing is left behind that.
final class Taking {
    private static final String NEXT =
            """
            WITH next (next_id) AS MATERIALIZED (
              SELECT id FROM muster_message
              WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL
              ORDER BY priority DESC, id + 0 LIMIT :max {skip locked})
            """;

    /// What is more urgent than a [Positions.Position], then what is behind it.
    private static final String NEXT_BEHIND =
            """
            WITH urgent (urgent_id) AS MATERIALIZED (
              SELECT id FROM muster_message
              WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL AND priority > :priority
              ORDER BY priority DESC, id + 0 LIMIT :max {skip locked}),
            behind (behind_id) AS MATERIALIZED (
              SELECT id FROM muster_message
              WHERE queue = :queue AND claimed_by IS NULL AND due_at IS NULL
                AND priority = :priority AND id + 0 > :id
              ORDER BY id + 0 LIMIT :max - (SELECT COUNT(*) FROM urgent) {skip locked}),
            next (next_id) AS (SELECT urgent_id FROM urgent UNION ALL SELECT behind_id FROM behind)
            """;

    private static final String CLAIM =
            """
            UPDATE muster_message SET claimed_by = :claim, deliveries = deliveries + 1
            WHERE id {in (SELECT next_id FROM next)}
            RETURNING
            """
                    + MessageTable.COLUMNS;
    private static final String READ_REPLIES =
            """
            DELETE FROM muster_message WHERE id {in (SELECT next_id FROM next)} RETURNING
            """
                    + MessageTable.COLUMNS;
    private static final String DELETE = "DELETE FROM muster_message WHERE id = :id";

    /// Rows come back in any order.
    private static final Comparator<MessageTable.Row> ORDER =
            Comparator.comparingInt(MessageTable.Row::priority)
                    .reversed()
                    .thenComparingLong(MessageTable.Row::id);

    private final Session.Transaction transaction;
    private final Dialect dialect;
    private final long claim;
    private final Positions positions;
    private final List<JdbcConsumer.Claimed> taken = new ArrayList<>();

    /// @param claim the number of the consumer
    /// @param positions where it has come to
    Taking(Session.Transaction transaction, Dialect dialect, long claim, Positions positions) {
        this.transaction = transaction;
        this.dialect = dialect;
        this.claim = claim;
        this.positions = positions;
    }

    List<JdbcConsumer.Claimed> taken() {
        return taken;
    }

    /// Takes up to `max` rows of one queue; what has expired is deleted and does not count.
    ///
    /// It asks no more once it has found something, as each statement may commit by itself: what
    /// one has taken is not lost with the answer to the next.
    ///
    /// @return whether there may be more
    boolean take(Queue queue, int max) throws SQLException {
        if (max == 0) {
            return true;
        }
        var look = positions.look(queue.name());
        var position = look.position();
        while (true) {
            var rows = next(queue, position, max);
            if (rows.size() < max && position == null) {
                keep(queue, rows);
                positions.finish(queue.name());
                return false;
            }
            if (rows.isEmpty()) {
                position = null; // what is left is elsewhere
            } else {
                var last = rows.getLast();
                position = new Positions.Position(last.priority(), last.id());
            }
            if (keep(queue, rows) > 0 && position != null) {
                positions.reach(queue.name(), position, look);
                return true;
            }
        }
    }

    private List<MessageTable.Row> next(Queue queue, Positions.@Nullable Position position, int max)
            throws SQLException {
        var query =
                transaction.query(
                        (position == null ? NEXT : NEXT_BEHIND)
                                + (isForReplies(queue) ? READ_REPLIES : CLAIM));
        if (position != null) {
            query.set("priority", position.priority()).set("id", position.id());
        }
        query.set("queue", queue.name()).set("max", max).set("claim", claim);
        try {
            return query.list(MessageTable::read).stream().sorted(ORDER).toList();
        } catch (SQLException e) {
            if (dialect.isForeignKeyViolation(e)) {
                throw new JdbcConsumer.LeaseLostException(e);
            }
            throw e;
        }
    }

    /// @return how many are kept, the others have expired
    private int keep(Queue queue, List<MessageTable.Row> rows) throws SQLException {
        var kept = 0;
        for (var row : rows) {
            if (!row.expired()) {
                kept++;
                taken.add(
                        new JdbcConsumer.Claimed(
                                queue.name(),
                                isForReplies(queue) ? JdbcConsumer.NO_CLAIM : claim,
                                row));
            } else if (!isForReplies(queue)) {
                transaction.query(DELETE).set("id", row.id()).update();
            }
        }
        return kept;
    }

    /// What is read from such a queue is gone.
    private static boolean isForReplies(Queue queue) {
        return queue.lifetime() == Queue.Lifetime.REPLIES;
    }
}
