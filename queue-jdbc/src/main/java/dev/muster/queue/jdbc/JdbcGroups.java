package dev.muster.queue.jdbc;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.State;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Groups in a database. The row of a chord is locked while one of its members is counted, so each
/// sees those before it.
final class JdbcGroups implements GroupStore {
    /// After this time whoever has claimed a chord is taken for dead.
    private static final Duration CLAIM = Duration.ofSeconds(30);

    private static final String SAVE =
            """
            INSERT INTO muster_group (group_id, expires_at, results)
            VALUES (:group_id, :now + :lifetime, :results)
            ON CONFLICT (group_id) DO UPDATE
            SET expires_at = EXCLUDED.expires_at, results = EXCLUDED.results
            """;
    private static final String FETCH =
            """
            SELECT results FROM muster_group
            WHERE group_id = :group_id AND results IS NOT NULL
              AND (expires_at IS NULL OR expires_at > :now)
            """;
    private static final String FORGET =
            "UPDATE muster_group SET results = NULL WHERE group_id = :group_id";
    private static final String EXPECT =
            """
            INSERT INTO muster_group (group_id, expires_at, size)
            VALUES (:group_id, :now + :lifetime, :size)
            ON CONFLICT (group_id) DO UPDATE
            SET expires_at = EXCLUDED.expires_at, size = EXCLUDED.size
            """;
    private static final String EXPECT_MORE =
            "UPDATE muster_group SET size = size + 1 WHERE group_id = :group_id";

    /// Changes nothing, but locks the row.
    private static final String LOCK =
            """
            UPDATE muster_group SET arrived = arrived
            WHERE group_id = :group_id AND size IS NOT NULL
            """;

    private static final String ARRIVE =
            """
            INSERT INTO muster_member (group_id, task_id, place, state, value)
            VALUES (:group_id, :task_id, :place, :state, :value)
            ON CONFLICT DO NOTHING
            """;
    private static final String ARRIVED =
            "UPDATE muster_group SET arrived = arrived + 1 WHERE group_id = :group_id";
    private static final String IS_COMPLETE =
            "SELECT 1 FROM muster_group WHERE group_id = :group_id AND arrived >= size";
    private static final String CLAIM_IT =
            """
            UPDATE muster_group SET claimed_until = :now + :claim
            WHERE group_id = :group_id AND (claimed_until IS NULL OR claimed_until <= :now)
            """;
    private static final String RENEW =
            """
            UPDATE muster_group SET claimed_until = :now + :claim
            WHERE group_id = :group_id AND claimed_until IS NOT NULL
            """;
    private static final String MEMBERS =
            """
            SELECT task_id, state, value FROM muster_member
            WHERE group_id = :group_id ORDER BY place, task_id
            """;
    private static final String FORGET_MEMBERS =
            "DELETE FROM muster_member WHERE group_id = :group_id";
    private static final String FINISH =
            """
            UPDATE muster_group SET size = NULL, arrived = 0, claimed_until = NULL
            WHERE group_id = :group_id
            """;
    private static final String FORGET_EMPTY =
            """
            DELETE FROM muster_group
            WHERE group_id = :group_id AND size IS NULL AND results IS NULL
            """;

    private final Session writing;
    private final Session reading;
    private final @Nullable Duration lifetime;
    private final Json json;

    /// @param lifetime how long groups are kept; null for ever
    JdbcGroups(Session writing, Session reading, @Nullable Duration lifetime, Json json) {
        this.writing = writing;
        this.reading = reading;
        this.lifetime = lifetime;
        this.json = json;
    }

    @Override
    public void save(String groupId, Object results) {
        writing.write(transaction ->
                groupOf(groupId, SAVE, transaction)
                        .set("lifetime", lifetime == null ? null : lifetime.toMillis())
                        .set("results", json.write(results))
                        .update());
    }

    private static Query groupOf(String groupId, String sql, Session.Transaction transaction)
            throws SQLException {
        return transaction.query(sql).set("group_id", groupId);
    }

    @Override
    public Optional<Object> fetch(String groupId) {
        var rows =
                reading.read(transaction ->
                        groupOf(groupId, FETCH, transaction).list(row -> row.getBytes(1)));
        return rows.stream().findFirst().map(json::read);
    }

    @Override
    public void forget(String groupId) {
        writing.write(transaction -> {
            groupOf(groupId, FORGET, transaction).update();
            return groupOf(groupId, FORGET_EMPTY, transaction).update();
        });
    }

    @Override
    public void expect(String groupId, long members) {
        writing.write(transaction ->
                groupOf(groupId, EXPECT, transaction)
                        .set("lifetime", lifetime == null ? null : lifetime.toMillis())
                        .set("size", members)
                        .update());
    }

    @Override
    public void expectOneMore(String groupId) {
        writing.write(transaction -> groupOf(groupId, EXPECT_MORE, transaction).update());
    }

    @Override
    public Count arrive(String groupId, Member member, @Nullable Integer index) {
        var value = json.write(member.value());
        return writing.write(transaction -> {
            if (groupOf(groupId, LOCK, transaction).update() == 0) {
                return new Count.Open(); // its body has been sent
            }
            var added =
                    groupOf(groupId, ARRIVE, transaction)
                            .set("task_id", member.taskId())
                            .set("place", index == null ? Integer.MAX_VALUE : index)
                            .set("state", member.state().name())
                            .set("value", value)
                            .update();
            if (added > 0) {
                groupOf(groupId, ARRIVED, transaction).update();
            }
            return claim(groupId, transaction);
        });
    }

    @Override
    public Count count(String groupId) {
        return writing.write(transaction -> claim(groupId, transaction));
    }

    private Count claim(String groupId, Session.Transaction transaction) throws SQLException {
        if (!groupOf(groupId, IS_COMPLETE, transaction).exists()) {
            return new Count.Open();
        }
        var claimed =
                groupOf(groupId, CLAIM_IT, transaction).set("claim", CLAIM.toMillis()).update();
        return claimed == 0
                ? new Count.Claimed()
                : new Count.Complete(members(groupId, transaction));
    }

    private List<Member> members(String groupId, Session.Transaction transaction)
            throws SQLException {
        return groupOf(groupId, MEMBERS, transaction)
                .list(row ->
                        new Member(
                                row.getString(1),
                                new State(row.getString(2)),
                                json.read(row.getBytes(3))));
    }

    @Override
    public void renew(String groupId) {
        writing.write(transaction ->
                groupOf(groupId, RENEW, transaction).set("claim", CLAIM.toMillis()).update());
    }

    @Override
    public void finish(String groupId) {
        writing.write(transaction -> {
            groupOf(groupId, FORGET_MEMBERS, transaction).update();
            groupOf(groupId, FINISH, transaction).update();
            return groupOf(groupId, FORGET_EMPTY, transaction).update();
        });
    }
}
