package dev.muster.queue.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One connection for one kind of work, opened when first used and again after it was lost.
/// Thread-safe: one transaction at a time, the others wait.
final class Session implements AutoCloseable {
    private final Dialect dialect;
    private final Dialect.Purpose purpose;
    private final Function<SQLException, RuntimeException> failure;

    /// Fair, because whoever renews leases must get a turn among those that take and acknowledge
    /// without a pause.
    private final ReentrantLock lock = new ReentrantLock(true);

    /// Guarded by the lock, as is what follows.
    private @Nullable Transaction open;

    private boolean closed;

    /// @param failure what callers see instead of an [SQLException]
    Session(
            Dialect dialect,
            Dialect.Purpose purpose,
            Function<SQLException, RuntimeException> failure) {
        this.dialect = dialect;
        this.purpose = purpose;
        this.failure = failure;
    }

    /// Reads; never waits for a writer.
    <T> T read(Work<T> work) {
        lock.lock();
        try {
            return attempt(work, false);
        } catch (SQLException e) {
            throw failure.apply(e);
        } finally {
            lock.unlock();
        }
    }

    /// Reads and writes, each statement being a transaction of its own where writers need no turn:
    /// that is one round trip, and not two. For work whose parts are harmless each by itself.
    <T> T writeEach(Work<T> work) {
        return dialect.hasOneWriter() ? write(work) : read(work);
    }

    /// Reads and writes in one transaction, which is committed when the work returns.
    <T> T write(Work<T> work) {
        lock.lock();
        try (var _ = dialect.awaitTurn()) {
            return attempt(work, true);
        } catch (SQLException e) {
            throw failure.apply(e);
        } finally {
            lock.unlock();
        }
    }

    private <T> T attempt(Work<T> work, boolean writes) throws SQLException {
        var transaction = transaction();
        var done = false;
        try {
            if (writes) {
                dialect.begin(transaction.connection);
            }
            var result = work.run(transaction);
            if (writes) {
                dialect.commit(transaction.connection);
            }
            done = true;
            return result;
        } catch (SQLException e) {
            if (dialect.explain(e).isConnectionLost()) {
                disconnect();
            }
            throw e;
        } finally {
            if (!done && writes) {
                rollback();
            }
        }
    }

    private Transaction transaction() throws SQLException {
        if (closed) {
            throw new SQLException("it has been closed");
        }
        var current = open;
        if (current == null) {
            current = new Transaction(dialect, dialect.connect(purpose));
            open = current;
        }
        return current;
    }

    private void rollback() {
        var current = open;
        if (current == null) {
            return;
        }
        current.closeStatements(); // one may have half a batch
        try {
            dialect.rollback(current.connection);
        } catch (SQLException _) {
            // A connection that cannot even undo is of no use; what it began ends with it.
            disconnect();
        }
    }

    private void disconnect() {
        var current = open;
        open = null;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            disconnect();
        } finally {
            lock.unlock();
        }
    }

    @FunctionalInterface
    interface Work<T> {
        T run(Transaction transaction) throws SQLException;
    }

    /// The statements of a connection, prepared once.
    static final class Transaction implements AutoCloseable {
        private final Dialect dialect;
        private final Connection connection;
        private final Map<String, Query> prepared = new HashMap<>();

        Transaction(Dialect dialect, Connection connection) {
            this.dialect = dialect;
            this.connection = connection;
        }

        Query query(String sql) throws SQLException {
            var query = prepared.get(sql);
            if (query == null) {
                query = Query.prepare(connection, dialect.rewrite(sql));
                prepared.put(sql, query);
            }
            return query.set("now", dialect.now());
        }

        /// Closes the statements and the connection.
        @Override
        public void close() {
            closeStatements();
            try {
                connection.close();
            } catch (SQLException _) {
                // It was lost, or is gone now.
            }
        }

        /// Closes the statements only: the connection is the caller's.
        void closeStatements() {
            for (var query : prepared.values()) {
                try {
                    query.close();
                } catch (SQLException _) {
                    // Gone with its connection.
                }
            }
            prepared.clear();
        }
    }
}
