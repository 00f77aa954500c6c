package dev.muster.queue.redis;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// A connection that opens when it is needed, and again after it was lost. Thread-safe: one thread
/// uses it at a time, the others wait.
///
/// A connection that has been idle is tried with a `PING` before something that must not be done
/// twice is sent over it: a server that was restarted in the meantime costs nobody an error.
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /// After an answer the connection is used for so long without asking.
    private static final Duration SURELY_ALIVE = Duration.ofSeconds(1);

    private final RedisServers servers;
    private final Failures failures;
    private final ReentrantLock turn = new ReentrantLock();

    /// Written under `turn`; volatile because [#close()] does not wait for its turn.
    private volatile @Nullable RedisConnection connection;

    /// As `System.nanoTime()` counts; real time, because the network knows no other. Guarded by
    /// `turn`.
    private long lastAnswer;

    private volatile boolean closed;

    Session(RedisServers servers, Failures failures) {
        this.servers = servers;
        this.failures = failures;
    }

    /// Runs `work` with the connection. Nothing is tried twice: when the connection breaks, the
    /// caller learns it, and the next call opens a new one.
    <T extends @Nullable Object> T use(Function<RedisConnection, T> work) {
        turn.lock();
        try {
            checkOpen();
            var current = connected();
            checkOpen(); // whoever closed it meanwhile has not seen this connection
            var inStep = false;
            try {
                var result = work.apply(current);
                inStep = true;
                lastAnswer = System.nanoTime();
                return result;
            } catch (JedisDataException e) {
                // An error is an answer: the connection is fine.
                inStep = true;
                throw e;
            } finally {
                if (!inStep || closed) {
                    drop();
                }
            }
        } catch (JedisException e) {
            throw failures.of(servers.toString(), e);
        } finally {
            turn.unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            drop();
            throw failures.refused(servers + " is closed", null);
        }
    }

    private RedisConnection connected() {
        var current = connection;
        if (current != null && System.nanoTime() - lastAnswer > SURELY_ALIVE.toNanos()) {
            try {
                current.ping();
            } catch (JedisConnectionException e) {
                LOG.debug("a connection to {} broke while it was idle", servers, e);
                drop();
                current = null;
            }
        }
        if (current == null) {
            current = servers.connect();
            connection = current;
        }
        return current;
    }

    /// Runs one command.
    @Nullable Object call(Command command) {
        return use(connection -> connection.call(command));
    }

    private void drop() {
        var current = connection;
        connection = null;
        RedisServers.close(current);
    }

    /// Lets the call that is under way receive its answer, if Redis has one by now: Redis then ends
    /// the connection, and with it a call that it has not begun. There are no further calls.
    void hangUp() {
        closed = true;
        var current = connection;
        if (current != null) {
            current.hangUp();
        }
    }

    /// Cuts the connection, whatever it is doing.
    @Override
    public void close() {
        closed = true;
        drop();
    }
}
