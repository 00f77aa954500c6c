package dev.muster.queue.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A prepared statement whose parameters have names (`:queue`). Not thread-safe: it belongs to its
/// session.
final class Query implements AutoCloseable {
    private static final Pattern PARAMETER = Pattern.compile(":([a-z_]+)");

    /// A batch is held in memory, here and by the server, and has a limit of 1 GB in PostgreSQL.
    private static final int BATCH_BYTES = 16_000_000;

    private final PreparedStatement statement;
    private final List<String> names;

    /// Of what was bound since the last batch; texts by their letters.
    private long bytes;

    private Query(PreparedStatement statement, List<String> names) {
        this.statement = statement;
        this.names = names;
    }

    static Query prepare(java.sql.Connection connection, String sql) throws SQLException {
        var names = new ArrayList<String>();
        var positional =
                PARAMETER
                        .matcher(sql)
                        .replaceAll(match -> {
                            names.add(match.group(1));
                            return "?";
                        });
        return new Query(connection.prepareStatement(positional), names);
    }

    /// Sets every occurrence of the parameter; a statement without it ignores the value.
    Query set(String name, @Nullable Object value) throws SQLException {
        for (var i = 0; i < names.size(); i++) {
            if (names.get(i).equals(name)) {
                bind(i + 1, value);
            }
        }
        return this;
    }

    private void bind(int index, @Nullable Object value) throws SQLException {
        switch (value) {
            case null -> statement.setNull(index, Types.NULL);
            case String text -> {
                statement.setString(index, text);
                bytes += text.length();
            }
            case Long number -> statement.setLong(index, number);
            case Integer number -> statement.setInt(index, number);
            case byte[] blob -> {
                statement.setBytes(index, blob);
                bytes += blob.length;
            }
            default -> throw new IllegalArgumentException("no SQL type for " + value.getClass());
        }
    }

    /// How many rows it changed.
    int update() throws SQLException {
        return statement.executeUpdate();
    }

    /// Has the batch so far done, once it is large.
    void addBatch() throws SQLException {
        statement.addBatch();
        if (bytes >= BATCH_BYTES) {
            updateBatch();
        }
    }

    void updateBatch() throws SQLException {
        try {
            var _ = statement.executeBatch();
        } finally {
            statement.clearBatch();
            bytes = 0;
        }
    }

    <T> List<T> list(Row<T> reader) throws SQLException {
        var rows = new ArrayList<T>();
        try (var result = statement.executeQuery()) {
            while (result.next()) {
                rows.add(reader.read(result));
            }
        }
        return rows;
    }

    /// Whether there is a row.
    boolean exists() throws SQLException {
        try (var result = statement.executeQuery()) {
            return result.next();
        }
    }

    /// The number in the only row and column; 0 where that is null.
    long number() throws SQLException {
        try (var result = statement.executeQuery()) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }

    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }
}
