package dev.muster.queue.redis;

import dev.muster.queue.spi.MusterException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/// A connection that listens to channels, with a thread that reads and one that makes sure that the
/// connection lives. Ends with the first failure.
///
/// It speaks RESP3, in which a connection with subscriptions can be asked other things, too. What
/// it is sent may come from any thread.
final class ChannelReader implements AutoCloseable {
    /// Well below the socket timeout: a server that does not answer a ping in time is gone.
    private static final int PINGS_PER_TIMEOUT = 3;

    private static final Duration LONGEST_PING_INTERVAL = Duration.ofSeconds(10);

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

    /// Who has asked what Redis has not answered yet, in order. Guarded by `lock`.
    private final Deque<Consumer<@Nullable Object>> asked = new ArrayDeque<>();

    /// Called by the reading thread.
    interface Listener {
        /// A subscription was confirmed.
        default void subscribed(String channel) {}

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
        this.connection = connect(servers, failures);
        connection.listen(this::dispatch);
        var interval = Duration.ofMillis(connection.getSoTimeout()).dividedBy(PINGS_PER_TIMEOUT);
        this.pingInterval =
                interval.compareTo(LONGEST_PING_INTERVAL) < 0 ? interval : LONGEST_PING_INTERVAL;
        // A platform thread is woken in one step, a virtual one in three.
        Thread.ofPlatform().daemon().name(name).start(this::read);
        Thread.ofVirtual().name(name + "-ping").start(this::ping);
    }

    private static RedisConnection connect(RedisServers servers, Failures failures) {
        RedisConnection connection = null;
        try {
            connection = servers.connect();
            connection.call(Command.of("HELLO", "3"));
            return connection;
        } catch (JedisException e) {
            RedisServers.close(connection);
            throw failures.of(servers.toString(), e);
        }
    }

    /// Sends a command such as `SUBSCRIBE`, whose answer arrives at the listener.
    void send(String command, Collection<String> channels) {
        use(() -> connection.send(Command.of(command, channels.toArray())));
    }

    /// Subscribes to channels, and asks something else then.
    ///
    /// @param answer told by the reading thread
    void subscribe(
            Collection<String> channels, Command question, Consumer<@Nullable Object> answer) {
        use(() -> {
            asked.add(answer);
            connection.send(Command.of("SUBSCRIBE", channels.toArray()), question);
        });
    }

    /// Ends a subscription, with the next command or ping: that is cheaper, and early enough.
    void unsubscribe(String channel) {
        use(() -> connection.sendCommand(Command.of("UNSUBSCRIBE", channel).arguments()));
    }

    private void use(Runnable work) {
        lock.lock();
        try {
            if (!ended) {
                work.run();
            }
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
                var answer = connection.receive();
                nextAsked().accept(answer);
            }
        } catch (JedisException e) {
            close();
            listener.failed(failures.of(where, e));
        } catch (RuntimeException e) { // a defect, which must not leave those who wait waiting
            close();
            listener.failed(
                    new MusterException("reading from %s failed: %s".formatted(where, e), e));
        }
    }

    private Consumer<@Nullable Object> nextAsked() {
        lock.lock();
        try {
            return asked.remove();
        } finally {
            lock.unlock();
        }
    }

    private void dispatch(List<?> push) {
        switch (text(push.getFirst())) {
            case "subscribe", "psubscribe" -> listener.subscribed(text(push.get(1)));
            case "message" -> listener.message(text(push.get(1)), (byte[]) push.get(2));
            case "pmessage" -> listener.message(text(push.get(2)), (byte[]) push.get(3));
            default -> {}
        }
    }

    private static String text(@Nullable Object bytes) {
        return bytes instanceof byte[] array ? new String(array, StandardCharsets.UTF_8) : "";
    }

    private void ping() {
        while (!awaitEnd()) {
            use(() -> {
                asked.add(_ -> {});
                connection.send(Command.of("PING"));
            });
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
