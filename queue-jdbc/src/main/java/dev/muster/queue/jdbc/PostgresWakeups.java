package dev.muster.queue.jdbc;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Backoff;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wake-ups by `LISTEN` and `NOTIFY`: a channel per topic, the name as payload, and one connection
/// with a thread that listens.
///
/// When that connection is lost it is opened again, at growing intervals, and whoever waits is
/// woken both times: to see that the database is gone, and to see what came meanwhile.
final class PostgresWakeups implements Wakeups {
    /// PostgreSQL refuses a payload of 8,000 bytes and more.
    private static final int PAYLOAD_BYTES = 7_999;

    /// After so long without a notification the connection is tried.
    private static final int PROBE_MILLIS = 10_000;

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private static final String NOTIFY =
            """
            SELECT COUNT(sent) FROM (
              SELECT CAST(pg_notify(:channel, value) AS text) AS sent FROM each_text(:names)) AS all_sent
            """;

    private static final Logger LOG = LoggerFactory.getLogger(PostgresWakeups.class);

    private final PostgresDialect dialect;
    private final String channel;
    private final Json json = new Json(false);
    private final Signal closing = new Signal();

    /// Guarded by this object, as is what follows.
    private @Nullable Connection connection;

    private boolean listens;
    private boolean closed;

    PostgresWakeups(PostgresDialect dialect, Topic topic) {
        this.dialect = dialect;
        this.channel = "muster_" + topic.wireName();
    }

    @Override
    public synchronized void listen(Listener listener) throws SQLException {
        if (listens) {
            return;
        }
        var first = open();
        listens = true;
        Thread.ofVirtual().name("muster-" + channel).start(() -> listen(first, listener));
    }

    private Connection open() throws SQLException {
        var opened = dialect.connect();
        try (var statement = opened.createStatement()) {
            statement.execute("LISTEN " + channel);
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
        synchronized (this) {
            if (closed) {
                opened.close();
                throw new SQLException("it has been closed");
            }
            connection = opened;
        }
        return opened;
    }

    private void listen(Connection first, Listener listener) {
        var current = first;
        var failures = 0;
        while (!isClosed()) {
            try {
                if (current == null) {
                    current = open();
                    failures = 0;
                    listener.heard("");
                }
                forward(current, listener);
            } catch (SQLException e) {
                if (isClosed()) {
                    return;
                }
                if (current != null) {
                    abort(current);
                    current = null;
                    listener.heard("");
                }
                LOG.debug("no notifications from {}; trying again", dialect.description(), e);
                if (!rest(BACKOFF.delay(failures++))) {
                    return;
                }
            }
        }
    }

    /// Until the connection is lost.
    private void forward(Connection current, Listener listener) throws SQLException {
        var notifying = current.unwrap(PGConnection.class);
        while (!isClosed()) {
            var notifications = notifying.getNotifications(PROBE_MILLIS);
            if (notifications == null || notifications.length == 0) {
                // A peer that vanished without a word is noticed only by talking to it.
                try (var statement = current.createStatement()) {
                    statement.execute("SELECT 1");
                }
                continue;
            }
            for (var notification : notifications) {
                listener.heard(notification.getParameter());
            }
        }
    }

    /// @return false when interrupted
    private boolean rest(Duration pause) {
        try {
            closing.await(closing.count(), pause);
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void beforeCommit(Session.Transaction transaction, Collection<String> names)
            throws SQLException {
        var payloads = names.stream().map(name -> fits(name) ? name : "").distinct().toList();
        transaction
                .query(NOTIFY)
                .set("channel", channel)
                .set("names", json.writeText(payloads))
                .number();
    }

    private static boolean fits(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length <= PAYLOAD_BYTES;
    }

    @Override
    public void afterCommit(Collection<String> names) {
        // The server has sent the notifications with the commit.
    }

    @Override
    public void close() {
        Connection open;
        synchronized (this) {
            closed = true;
            open = connection;
            connection = null;
        }
        closing.raise();
        if (open != null) {
            abort(open);
        }
    }

    /// Closes the socket under a thread that waits for notifications; closing in good manners would
    /// wait for that thread.
    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }
}
