package dev.muster.queue.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/// What SQLite and PostgreSQL do differently, for one database at one address. Thread-safe.
///
/// Statements are written once, with these words that a dialect replaces: `:now` (milliseconds
/// since 1970), `{skip locked}` (a clause for rows that another transaction holds),
/// `each_text(:list)` (a JSON list, as rows with one column `value`) and `{in (SELECT …)}` (a
/// condition that holds for one of these few; each is looked up).
interface Dialect extends AutoCloseable {
    /// Where the database is, password masked.
    String description();

    /// The folder of its scripts.
    String name();

    /// Opens a connection; the schema is there when this returns.
    Connection connect(Purpose purpose) throws SQLException;

    /// The clock that `:now` is bound to, where the database does not tell the time itself.
    long now();

    /// Replaces the words above.
    String rewrite(String sql);

    /// The statement that stores a result unless a SUCCESS that has not expired is there:
    /// `:task_id`, `:state`, `:lifetime` (milliseconds), `:record`.
    String storeResult();

    /// Whether the ids of results grow with each change, in the order in which the changes become
    /// visible.
    boolean hasOrderedChanges();

    /// Whether all writers take turns, so that it pays to look before asking for one.
    boolean hasOneWriter();

    void begin(Connection connection) throws SQLException;

    void commit(Connection connection) throws SQLException;

    void rollback(Connection connection) throws SQLException;

    /// Waits for the right to write, where the database has one writer at a time.
    ///
    /// @return what gives the right back
    WriteTurn awaitTurn() throws SQLException;

    /// Prepares a connection that a caller wants to publish with, before anything is read or
    /// written by it here.
    ///
    /// @param committed called soon after its transaction has been committed, where the database
    ///   does not itself tell those who wait
    void enlist(Connection transaction, Runnable committed) throws SQLException;

    /// Wakes, and is woken by, the processes that share the database.
    Wakeups wakeups(Topic topic);

    /// What an error means, in words for people.
    Failure explain(SQLException error);

    /// Whether a claim failed because its consumer is no longer known.
    boolean isForeignKeyViolation(SQLException error);

    /// Frees what connections of this process share. Its sessions are closed before.
    @Override
    void close();

    /// What a connection writes, on which depends what its commits must survive.
    ///
    /// Databases keep a prefix of their log when they recover from a crash, so what a weaker commit
    /// has written is undone in the reverse order of its making, and a stronger one makes all
    /// before it permanent.
    enum Purpose {
        /// Messages and schedules. Every commit survives a power failure.
        PUBLICATIONS,
        /// Outcomes of tasks. A commit survives the death of every process, on PostgreSQL also that
        /// of the server. On SQLite (`synchronous=NORMAL`) a power failure may undo the last ones.
        RESULTS,
        /// Claims and acknowledgements. A commit survives the death of every client. A power
        /// failure may undo the last ones, and so may the end of the server on PostgreSQL
        /// (`synchronous_commit=off`). Then work is done again; no message is lost by that, because
        /// to lose one takes an acknowledgement that is kept.
        DELIVERIES
    }

    /// @param isTransient whether it may pass by itself
    /// @param isConnectionLost whether the connection must be opened anew
    record Failure(String message, boolean isTransient, boolean isConnectionLost) {}

    @FunctionalInterface
    interface WriteTurn extends AutoCloseable {
        @Override
        void close();
    }
}
