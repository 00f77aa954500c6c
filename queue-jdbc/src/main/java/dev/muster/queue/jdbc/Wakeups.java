package dev.muster.queue.jdbc;

import java.sql.SQLException;
import java.util.Collection;

/// How those who share a database tell each other what was committed, without polling. Each broker
/// and each result store has its own. Thread-safe.
///
/// A wake-up is a hint: it may come without reason, and names nothing (an empty name) when the
/// names are not known. None is missed between the return of [#listen] and [#close], except while
/// the connection is away; then one without name follows.
interface Wakeups extends AutoCloseable {
    /// Begins to listen, on its first call; later ones do nothing.
    void listen(Listener listener) throws SQLException;

    /// Called within the transaction that stores something.
    void beforeCommit(Session.Transaction transaction, Collection<String> names)
            throws SQLException;

    /// Called after the commit of that transaction.
    void afterCommit(Collection<String> names) throws SQLException;

    @Override
    void close() throws SQLException;

    /// Called on a thread of the wake-ups; returns soon.
    @FunctionalInterface
    interface Listener {
        /// @param name a queue or a task; empty for any
        void heard(String name);
    }
}
