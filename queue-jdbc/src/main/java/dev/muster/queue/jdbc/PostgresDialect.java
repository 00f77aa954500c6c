package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/// A PostgreSQL database. Its own clock says what time it is, so clocks of workers may differ.
final class PostgresDialect implements Dialect {
    /// Of the lock that whoever creates the tables holds: "muster" in ASCII.
    private static final long SCHEMA_LOCK = 0x6d7573746572L;

    /// Of the beginning of the statement: an index finds what is before a time that stays the same.
    private static final String NOW =
            "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)";

    /// What is in a table that grows is found by an index, whatever the planner knows of its size
    /// (docs/decisions/0018). What reads a small table whole, or sorts the members of a group,
    /// shall not be compiled for that.
    private static final String LOOK_UP =
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off";

    /// Whoever ends a consumer must see what that has claimed up to then, whatever is usual on this
    /// server.
    private static final String SEE_WHAT_IS_COMMITTED =
            "SET default_transaction_isolation = 'read committed'";

    private static final Pattern NOW_WORD = Pattern.compile(":now\\b");
    private static final Pattern EACH_TEXT = Pattern.compile("each_text\\((:\\w+)\\)");
    private static final Pattern IN = Pattern.compile("\\{in \\(([^{}]+)\\)}");
    private static final int DEFAULT_PORT = 5432;

    /// A server that does not answer for so long is taken for lost, unless the URL says otherwise
    /// (`socketTimeout`); 0 waits for ever.
    private static final int SILENCE_SECONDS = 30;

    /// An index of a large table is not made in the time of an answer, and nobody else gets on
    /// before it is.
    private static final Duration SCHEMA_PATIENCE = Duration.ofMinutes(30);

    private final ServiceUrl url;
    private final String address;
    private final Properties properties = new Properties();

    PostgresDialect(ServiceUrl url, Environment environment) {
        this.url = url;
        var user = url.user();
        var database =
                url.path().length() > 1
                        ? url.path().substring(1)
                        : user == null ? "postgres" : user;
        var hosts =
                url.each().stream()
                        .map(PostgresDialect::hostAndPort)
                        .collect(Collectors.joining(","));
        this.address = "jdbc:postgresql://%s/%s".formatted(hosts, database);
        properties.setProperty("ApplicationName", "muster");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketTimeout", Integer.toString(SILENCE_SECONDS));
        var patience =
                Math.max(
                        1,
                        environment.settings().get(Setting.BROKER_CONNECTION_TIMEOUT).toSeconds());
        properties.setProperty("connectTimeout", Long.toString(patience));
        properties.setProperty("loginTimeout", Long.toString(patience));
        if (!url.alternates().isEmpty()) {
            properties.setProperty("targetServerType", "primary");
        }
        url.query().forEach(properties::setProperty);
        if (user != null) {
            properties.setProperty("user", user);
        }
        url.secret().ifPresent(secret -> properties.setProperty("password", secret));
    }

    private static String hostAndPort(ServiceUrl url) {
        var host = url.hostOr("localhost");
        return "%s:%d"
                .formatted(host.contains(":") ? "[" + host + "]" : host, url.portOr(DEFAULT_PORT));
    }

    @Override
    public String description() {
        return url.toString();
    }

    @Override
    public String name() {
        return "postgresql";
    }

    @Override
    public Connection connect(Purpose purpose) throws SQLException {
        var of = new Properties();
        of.putAll(properties);
        // Many rows in a statement. Not those of results, of which one may be there twice.
        PGProperty.REWRITE_BATCHED_INSERTS.set(of, purpose == Purpose.PUBLICATIONS);
        var connection = connect(of);
        try {
            execute(connection, SEE_WHAT_IS_COMMITTED);
            execute(connection, LOOK_UP);
            if (purpose == Purpose.DELIVERIES) {
                execute(connection, "SET synchronous_commit = off");
            }
            if (!Schema.isCurrent(connection)) {
                makeSchema(connection);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// A connection that does not look at the tables.
    Connection connect() throws SQLException {
        return connect(properties);
    }

    private Connection connect(Properties of) throws SQLException {
        var connection = new Driver().connect(address, of);
        if (connection == null) {
            throw new SQLException("the address is not one of PostgreSQL");
        }
        try {
            // As long as we wait for the server it waits for us. One that never heard of our end
            // would keep for hours what an open transaction has locked, such as the result of a
            // task that is to be stored again.
            execute(
                    connection,
                    "SET idle_in_transaction_session_timeout = '%ds'"
                            .formatted(PGProperty.SOCKET_TIMEOUT.getInt(of)));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void makeSchema(Connection connection) throws SQLException {
        var patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(SCHEMA_PATIENCE.toMillis()));
        Schema.ensure(this, connection, () -> lockSchema(connection));
        connection.setNetworkTimeout(Runnable::run, patience);
    }

    private void lockSchema(Connection connection) throws SQLException {
        begin(connection);
        execute(connection, "SELECT pg_advisory_xact_lock(" + SCHEMA_LOCK + ")");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public long now() {
        return 0; // not used: the statement asks the server
    }

    @Override
    public String rewrite(String sql) {
        var timed = NOW_WORD.matcher(sql).replaceAll(NOW);
        var plain =
                EACH_TEXT
                        .matcher(timed)
                        .replaceAll("json_array_elements_text(CAST($1 AS json))")
                        .replace("{skip locked}", "FOR UPDATE SKIP LOCKED");
        // As an array it is done first, and once. Where a planner believes that a table is empty it
        // would join it with the whole table.
        return IN.matcher(plain).replaceAll("= ANY (ARRAY($1))");
    }

    @Override
    public String storeResult() {
        return """
        INSERT INTO muster_result (task_id, state, expires_at, record)
        VALUES (:task_id, :state, :now + :lifetime, :record)
        ON CONFLICT (task_id) DO UPDATE
        SET state = EXCLUDED.state, expires_at = EXCLUDED.expires_at, record = EXCLUDED.record
        WHERE muster_result.state <> 'SUCCESS' OR muster_result.expires_at <= :now
        """;
    }

    @Override
    public boolean hasOrderedChanges() {
        return false;
    }

    @Override
    public boolean hasOneWriter() {
        return false;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    @Override
    public WriteTurn awaitTurn() {
        return () -> {};
    }

    @Override
    public void enlist(Connection transaction, Runnable committed) throws SQLException {
        // The notifications are part of the transaction.
        if (!transaction.isWrapperFor(PGConnection.class)) {
            throw new SQLException(
                    "the transaction's connection is not one to PostgreSQL but a "
                            + transaction.getClass().getName());
        }
    }

    @Override
    public Wakeups wakeups(Topic topic) {
        return new PostgresWakeups(this, topic);
    }

    @Override
    public Failure explain(SQLException error) {
        var state = error.getSQLState() == null ? "" : error.getSQLState();
        var text = String.valueOf(error.getMessage());
        return switch (state) {
            case "28P01", "28000" ->
                    refused(text + "; look at user and password in the URL, and at pg_hba.conf");
            case "3D000" -> refused(text + "; create it first (createdb)");
            case "42501" ->
                    refused(text + "; the user must be allowed to create and change tables there");
            case "42P01" ->
                    refused(text + "; the tables of Muster are made when its broker is first used");
            case "53100" ->
                    new Failure(
                            "the disk of the server is full; free some space and try again",
                            true,
                            false);
            default -> new Failure(text, mayPass(state), isLost(state));
        };
    }

    private static Failure refused(String message) {
        return new Failure(message, false, false);
    }

    /// Classes of SQLSTATE: 08 connection, 40 deadlock, 53 resources, 57P operator intervention;
    /// 25P03 ends a session that said nothing in the middle of a transaction.
    private static boolean mayPass(String state) {
        return isLost(state) || state.startsWith("40") || state.startsWith("53");
    }

    private static boolean isLost(String state) {
        return state.startsWith("08") || state.startsWith("57P") || state.equals("25P03");
    }

    @Override
    public boolean isForeignKeyViolation(SQLException error) {
        return "23503".equals(error.getSQLState());
    }

    @Override
    public void close() {
        // Each session closes its connection; there is nothing else.
    }
}
