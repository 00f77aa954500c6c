package dev.muster.queue.jdbc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/// Creates the tables and brings them up to date: numbered scripts per dialect, and a table that
/// says which have run.
final class Schema {
    /// What ends a statement: not a semicolon in the body of a function, between two `$$`.
    private static final Pattern END = Pattern.compile(";(?=(?:[^$]*\\$\\$[^$]*\\$\\$)*[^$]*$)");

    /// The last script.
    private static final int VERSION = 6;

    private Schema() {}

    /// Whether all scripts have run; looks only, and waits for nobody.
    static boolean isCurrent(Connection connection) {
        try {
            return version(connection) == VERSION;
        } catch (SQLException _) {
            // There is no such table yet. Anything else shows when it is made.
            return false;
        }
    }

    /// Runs what is missing, in one transaction that only one process has at a time.
    ///
    /// @param begin begins that transaction
    static void ensure(Dialect dialect, Connection connection, Begin begin) throws SQLException {
        begin.run();
        try {
            runMissing(dialect, connection);
            dialect.commit(connection);
        } catch (SQLException | RuntimeException e) {
            try {
                dialect.rollback(connection);
            } catch (SQLException rollback) {
                e.addSuppressed(rollback);
            }
            throw e;
        }
    }

    /// Runs what is missing, in the transaction that the connection is in.
    static void runMissing(Dialect dialect, Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS muster_version (version INTEGER PRIMARY KEY)");
            var version = version(connection);
            if (version > VERSION) {
                throw new SQLException(
                        "its tables are of version %d, and this Muster knows %d; use a newer Muster"
                                .formatted(version, VERSION));
            }
            for (var next = version + 1; next <= VERSION; next++) {
                for (var sql : script(dialect.name(), next)) {
                    statement.execute(sql);
                }
                statement.execute("INSERT INTO muster_version VALUES (" + next + ")");
            }
        }
    }

    private static int version(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT MAX(version) FROM muster_version")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    /// Comments go first, because a semicolon in one would end a statement.
    private static List<String> script(String dialect, int version) throws SQLException {
        var name = "%s/%d.sql".formatted(dialect, version);
        try (var stream = Schema.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new SQLException("the script %s is missing from the jar".formatted(name));
            }
            var text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return END.splitAsStream(text.replaceAll("--[^\n]*", ""))
                    .filter(sql -> !sql.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new SQLException("the script %s cannot be read".formatted(name), e);
        }
    }

    @FunctionalInterface
    interface Begin {
        void run() throws SQLException;
    }
}
