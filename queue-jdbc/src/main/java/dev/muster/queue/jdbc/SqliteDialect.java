package dev.muster.queue.jdbc;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// A SQLite file, in write-ahead-log mode.
final class SqliteDialect implements Dialect {
    /// For writers that do not queue up in [SqliteFile]: callers' own transactions.
    private static final int BUSY_TIMEOUT_MILLIS = 30_000;

    /// Changes nothing, but has the transaction take SQLite's write lock.
    private static final String BECOME_WRITER = "DELETE FROM muster_message WHERE 0";

    private static final Pattern EACH_TEXT = Pattern.compile("each_text\\((:\\w+)\\)");
    private static final Pattern IN = Pattern.compile("\\{in \\(([^{}]+)\\)}");

    private final Path path;
    private final InstantSource clock;
    private @Nullable SqliteFile file;
    private boolean closed;

    SqliteDialect(Path path, InstantSource clock) {
        this.path = path;
        this.clock = clock;
    }

    @Override
    public String description() {
        return "sqlite:" + path;
    }

    @Override
    public String name() {
        return "sqlite";
    }

    /// The file as the process shares it, held until [#close].
    private synchronized SqliteFile file() throws SQLException {
        var current = file;
        if (current == null) {
            if (closed) {
                throw new SQLException("it has been closed");
            }
            if (Files.isDirectory(path)) {
                throw new SQLException(
                        "it is a folder; name a file, such as sqlite:%s/queue.db".formatted(path));
            }
            try {
                current = SqliteFile.open(path);
            } catch (AccessDeniedException e) {
                throw new SQLException("the folder %s is not writable".formatted(e.getFile()), e);
            } catch (NoSuchFileException e) {
                throw new SQLException(
                        "there is no folder %s; create it, or correct the path"
                                .formatted(e.getFile()),
                        e);
            } catch (FileAlreadyExistsException | NotDirectoryException e) {
                throw new SQLException("%s is a file, not a folder".formatted(e.getFile()), e);
            } catch (IOException e) {
                throw new SQLException("its folder cannot be used: " + e.getMessage(), e);
            }
            file = current;
        }
        return current;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (file != null) {
            file.close();
            file = null;
        }
    }

    @Override
    public Connection connect(Purpose purpose) throws SQLException {
        file();
        var connection = JDBC.createConnection(JDBC.PREFIX + path, new Properties());
        try {
            prepare(connection, purpose);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Takes a turn only where there is something to write, so that connections can be opened while
    /// a caller's transaction is under way.
    private void prepare(SQLiteConnection connection, Purpose purpose) throws SQLException {
        connection.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        // Once set, this mode is a property of the file.
        if (!"wal".equals(ask(connection, "PRAGMA journal_mode"))) {
            try (var _ = awaitTurn()) {
                if (!"wal".equals(ask(connection, "PRAGMA journal_mode = WAL"))) {
                    throw new SQLException(
                            "its file system does not support a write-ahead log; use a local disk");
                }
            }
        }
        execute(
                connection,
                switch (purpose) {
                    case PUBLICATIONS -> "PRAGMA synchronous = FULL";
                    case RESULTS, DELIVERIES -> "PRAGMA synchronous = NORMAL";
                });
        execute(connection, "PRAGMA foreign_keys = ON");
        // What a burst has made of the log is given back to the disk.
        execute(connection, "PRAGMA journal_size_limit = 67108864");
        if (!Schema.isCurrent(connection)) {
            try (var _ = awaitTurn()) {
                Schema.ensure(this, connection, () -> begin(connection));
            }
        }
    }

    private static String ask(Connection connection, String pragma) throws SQLException {
        try (var statement = connection.createStatement();
                var answer = statement.executeQuery(pragma)) {
            return answer.next() ? answer.getString(1) : "";
        }
    }

    @Override
    public long now() {
        return clock.millis();
    }

    @Override
    public String rewrite(String sql) {
        var plain = EACH_TEXT.matcher(sql).replaceAll("json_each($1)").replace("{skip locked}", "");
        return IN.matcher(plain).replaceAll("IN ($1)");
    }

    @Override
    public String storeResult() {
        return """
        INSERT OR REPLACE INTO muster_result (task_id, state, expires_at, record)
        SELECT :task_id, :state, :now + :lifetime, :record
        WHERE NOT EXISTS (
          SELECT 1 FROM muster_result
          WHERE task_id = :task_id AND state = 'SUCCESS'
            AND (expires_at IS NULL OR expires_at > :now))
        """;
    }

    @Override
    public boolean hasOrderedChanges() {
        // One writer at a time, each row a new one, and AUTOINCREMENT uses no number twice.
        return true;
    }

    @Override
    public boolean hasOneWriter() {
        return true;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        execute(connection, "BEGIN IMMEDIATE");
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        execute(connection, "COMMIT");
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        execute(connection, "ROLLBACK");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public WriteTurn awaitTurn() throws SQLException {
        return file().awaitTurn();
    }

    @Override
    public void enlist(Connection transaction, Runnable committed) throws SQLException {
        if (!transaction.isWrapperFor(SQLiteConnection.class)) {
            throw new SQLException(
                    "the transaction's connection is not one to SQLite but a "
                            + transaction.getClass().getName());
        }
        var connection = transaction.unwrap(SQLiteConnection.class);
        requireSameFile(connection);
        becomeWriter(connection);
        if (!Schema.isCurrent(connection)) {
            // As the caller is the writer now, no connection of ours can make the tables.
            Schema.runMissing(this, connection);
        }
        connection.addCommitListener(new CommitListener(connection, committed));
    }

    /// First of all, as a transaction that has only read cannot write once another one has written.
    ///
    /// While others write it waits among them, as SQLite does not see to it that each who waits is
    /// let in. Whoever writes already must not wait: the one whose turn it is waits for its commit.
    private void becomeWriter(SQLiteConnection connection) throws SQLException {
        var patience = ask(connection, "PRAGMA busy_timeout");
        execute(connection, "PRAGMA busy_timeout = 0");
        try {
            tryToWrite(connection);
            return;
        } catch (SQLiteException e) {
            if (e.getResultCode() != SQLiteErrorCode.SQLITE_BUSY) {
                throw e;
            }
        } finally {
            execute(connection, "PRAGMA busy_timeout = " + patience);
        }
        try (var _ = file().awaitTurn(Duration.ofMillis(Long.parseLong(patience)))) {
            tryToWrite(connection);
        }
    }

    private static void tryToWrite(SQLiteConnection connection) throws SQLException {
        try {
            execute(connection, BECOME_WRITER);
        } catch (SQLiteException e) {
            if (e.getResultCode() != SQLiteErrorCode.SQLITE_ERROR) {
                throw e;
            }
            // There is no such table: the first thing that makes one becomes the writer.
        }
    }

    private void requireSameFile(SQLiteConnection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var databases = statement.executeQuery("PRAGMA database_list")) {
            while (databases.next()) {
                var other = databases.getString("file");
                if ("main".equals(databases.getString("name"))
                        && other != null
                        && !other.isEmpty()
                        && isFile(Path.of(other))) {
                    return;
                }
            }
        } catch (IOException e) {
            throw new SQLException(
                    "the file of the transaction cannot be found: " + e.getMessage(), e);
        }
        throw new SQLException("the transaction's connection is to another file");
    }

    /// SQLite makes a file only when it is first looked into.
    private boolean isFile(Path other) throws IOException {
        return Files.exists(path)
                ? Files.isSameFile(other, path)
                : other.normalize().equals(path.toAbsolutePath().normalize());
    }

    /// SQLite calls within the commit, before others see the rows; and while it does, the
    /// connection is locked. So a thread of its own waits for the connection to be free, which is
    /// when the commit is done, and then tells.
    private record CommitListener(SQLiteConnection connection, Runnable committed)
            implements SQLiteCommitListener {
        @Override
        public void onCommit() {
            Thread.ofVirtual()
                    .name("muster-sqlite-committed")
                    .start(() -> {
                        leave();
                        committed.run();
                    });
        }

        @Override
        public void onRollback() {
            Thread.ofVirtual().name("muster-sqlite-rolled-back").start(this::leave);
        }

        /// Under the lock that a connection is closed under: SQLite's library ends the process
        /// where a listener leaves a closed one.
        private void leave() {
            synchronized (connection.getDatabase()) {
                if (!connection.getDatabase().isClosed()) {
                    connection.removeCommitListener(this);
                }
            }
        }
    }

    @Override
    public Wakeups wakeups(Topic topic) {
        return new SqliteWakeups(this::file, topic);
    }

    @Override
    public Failure explain(SQLException error) {
        if (!(error instanceof SQLiteException sqlite)) {
            return new Failure(String.valueOf(error.getMessage()), false, false);
        }
        if (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT) {
            return new Failure(
                    "the transaction has read what another one has changed since, so SQLite does not"
                            + " let it write; roll it back and begin again, best with"
                            + " transaction_mode=IMMEDIATE in the connection's properties",
                    true,
                    false);
        }
        var code = SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff);
        return switch (code) {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL ->
                    new Failure(
                            "another connection keeps the database locked; is there a transaction that was not ended?",
                            true,
                            false);
            case SQLITE_FULL ->
                    new Failure("the disk is full; free some space and try again", true, false);
            case SQLITE_IOERR ->
                    new Failure(
                            "reading or writing the file failed (%s); look at the disk and the"
                                            .formatted(sqlite.getMessage())
                                    + " system's log",
                            true,
                            true);
            case SQLITE_READONLY, SQLITE_PERM ->
                    new Failure(
                            "the file or its folder is not writable; change their permissions or"
                                    + " name another file",
                            false,
                            true);
            case SQLITE_CANTOPEN ->
                    new Failure(
                            "the file cannot be opened; are it and its folder readable and writable?",
                            false,
                            true);
            case SQLITE_NOTADB, SQLITE_CORRUPT ->
                    new Failure(
                            "the file is not an intact SQLite database; move it away and start with a"
                                    + " new one, or name another file",
                            false,
                            true);
            default -> new Failure(String.valueOf(sqlite.getMessage()), false, false);
        };
    }

    @Override
    public boolean isForeignKeyViolation(SQLException error) {
        return error instanceof SQLiteException sqlite
                && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_FOREIGNKEY;
    }
}
