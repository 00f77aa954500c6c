package dev.muster.queue.jdbc;

import dev.muster.queue.spi.ScheduleRecord;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ScheduleStoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A schedule in a database: a row per entry, and one row that says who leads, until when, and how
/// often the entries have changed. That row is changed first in each transaction, so that writers
/// take turns.
final class JdbcScheduleStore implements ScheduleStore {
    private static final String LEAD =
            """
            UPDATE muster_beat SET owner = :owner, lease_until = :now + :lease
            WHERE owner IS NULL OR owner = :owner OR lease_until <= :now
            """;
    private static final String RESIGN = "UPDATE muster_beat SET owner = NULL WHERE owner = :owner";
    private static final String REVISION = "SELECT revision FROM muster_beat";
    private static final String CHANGE = "UPDATE muster_beat SET revision = revision + 1";
    private static final String CHANGE_AS_LEADER =
            CHANGE + " WHERE owner = :owner AND lease_until > :now";
    private static final String ENTRIES = "SELECT name, version, document FROM muster_schedule";
    private static final String INSERT =
            """
            INSERT INTO muster_schedule (name, version, document)
            VALUES (:name, :revision, :document) ON CONFLICT (name) DO NOTHING
            """;
    private static final String UPDATE =
            """
            UPDATE muster_schedule SET version = :revision, document = :document
            WHERE name = :name AND version = :version
            """;
    private static final String DELETE =
            "DELETE FROM muster_schedule WHERE name = :name AND version = :version";

    private final Dialect dialect;
    private final Session session;

    JdbcScheduleStore(Dialect dialect) {
        this.dialect = dialect;
        this.session = new Session(dialect, Dialect.Purpose.PUBLICATIONS, this::failure);
    }

    private RuntimeException failure(SQLException error) {
        return new ScheduleStoreException(
                "schedule in %s: %s".formatted(description(), dialect.explain(error).message()),
                error);
    }

    @Override
    public OptionalLong lead(String owner, Duration lease) {
        return session.write(transaction -> {
            var leads =
                    transaction
                                    .query(LEAD)
                                    .set("owner", owner)
                                    .set("lease", lease.toMillis())
                                    .update()
                            == 1;
            return leads
                    ? OptionalLong.of(transaction.query(REVISION).number())
                    : OptionalLong.empty();
        });
    }

    @Override
    public void resign(String owner) {
        session.write(transaction -> transaction.query(RESIGN).set("owner", owner).update());
    }

    @Override
    public List<ScheduleRecord> read() {
        return session.read(transaction ->
                transaction
                        .query(ENTRIES)
                        .list(row ->
                                new ScheduleRecord(
                                        row.getString(1), row.getLong(2), row.getString(3))));
    }

    @Override
    public OptionalLong write(ScheduleRecord entry, Optional<String> leader) {
        return change(entry, leader, entry.version() == 0 ? INSERT : UPDATE);
    }

    @Override
    public OptionalLong remove(ScheduleRecord entry, Optional<String> leader) {
        return change(entry, leader, DELETE);
    }

    private OptionalLong change(ScheduleRecord entry, Optional<String> leader, String sql) {
        try {
            return OptionalLong.of(
                    session.write(transaction -> {
                        var turn =
                                transaction.query(leader.isPresent() ? CHANGE_AS_LEADER : CHANGE);
                        if (turn.set("owner", leader.orElse("")).update() != 1) {
                            throw new NotChanged();
                        }
                        var revision = transaction.query(REVISION).number();
                        var changed =
                                transaction
                                        .query(sql)
                                        .set("name", entry.name())
                                        .set("version", entry.version())
                                        .set("document", entry.document())
                                        .set("revision", revision)
                                        .update();
                        if (changed != 1) {
                            throw new NotChanged();
                        }
                        return revision;
                    }));
        } catch (NotChanged e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public String description() {
        return dialect.description();
    }

    @Override
    public void close() {
        session.close();
        dialect.close();
    }

    /// Undoes a transaction whose condition does not hold.
    private static final class NotChanged extends RuntimeException {
        private static final long serialVersionUID = 1;

        private NotChanged() {
            super(null, null, false, false);
        }
    }
}
