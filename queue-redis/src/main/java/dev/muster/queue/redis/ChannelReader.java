package dev.muster.queue.redis;

import dev.muster.queue.spi.MusterException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/// A connection that listens to channels, with a thread that reads and one that makes sure that the
/// connection lives. Ends with the first failure.
///
/// [#send] may be called by any thread.
final class ChannelReader implements AutoCloseable {
    /// Well below the socket timeout: a server that does not answer a ping in time is gone.
    private static final int PINGS_PER_TIMEOUT = 3;

    private final RedisConnection connection;
    private final String where;
    private final Failures failures;
    private final Listener listener;
    private final Duration pingInterval;

    /// For commands, and for `ended`.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition end = lock.newCondition();

    /// Guarded by `lock`.
    private boolean ended;

    /// Called by the reading thread.
    interface Listener {
        /// A subscription was confirmed.
        void subscribed(String channel);

        void message(String channel, byte[] message);

        /// Nothing follows.
        void failed(MusterException failure);
    }

    /// Connects and starts to read.
    ///
    /// @throws MusterException when the server cannot be reached
    ChannelReader(RedisServers servers, Failures failures, String name, Listener listener) {
        this.where = servers.toString();
        this.failures = failures;
        this.listener = listener;
        try {
            this.connection = servers.connect();
        } catch (JedisException e) {
            throw failures.of(where, e);
        }
        this.pingInterval =
                Duration.ofMillis(connection.getSoTimeout()).dividedBy(PINGS_PER_TIMEOUT);
        Thread.ofVirtual().name(name).start(this::read);
        Thread.ofVirtual().name(name + "-ping").start(this::ping);
    }

    /// Sends a command such as `SUBSCRIBE`, whose answer arrives at the listener.
    void send(String command, Collection<String> channels) {
        lock.lock();
        try {
            connection.send(Command.of(command, channels.toArray()));
        } catch (JedisException e) {
            // The reading thread finds out as well, and reports it.
            RedisServers.close(connection);
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        try {
            for (; ; ) {
                if (connection.receive() instanceof List<?> answer) {
                    dispatch(answer);
                }
            }
        } catch (JedisException e) {
            close();
            listener.failed(failures.of(where, e));
        }
    }

    private void dispatch(List<?> answer) {
        switch (text(answer.getFirst())) {
            case "subscribe", "psubscribe" -> listener.subscribed(text(answer.get(1)));
            case "message" -> listener.message(text(answer.get(1)), (byte[]) answer.get(2));
            case "pmessage" -> listener.message(text(answer.get(2)), (byte[]) answer.get(3));
            default -> {}
        }
    }

    private static String text(@Nullable Object bytes) {
        return bytes instanceof byte[] array ? new String(array, StandardCharsets.UTF_8) : "";
    }

    private void ping() {
        while (!awaitEnd()) {
            send("PING", List.of());
        }
    }

    private boolean awaitEnd() {
        lock.lock();
        try {
            var remaining = pingInterval.toNanos();
            while (!ended && remaining > 0) {
                remaining = end.awaitNanos(remaining);
            }
            return ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        RedisServers.close(connection);
        lock.lock();
        try {
            ended = true;
            end.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
