package dev.muster.queue.redis;

import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.BrokerException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/// Settles held messages; concurrent callers share one pipeline. Thread-safe.
///
/// It does not matter which connection a message was taken over: whoever knows its tag can settle
/// it.
///
/// Removing a message does not wait for the answer of Redis, as an acknowledgement to RabbitMQ does
/// not wait either. The answers are read now and then, and by [#confirm()]; when the connection has
/// broken instead, what was not confirmed is sent again over the next one.
final class Settler implements AutoCloseable {
    private static final int BATCH = 500;

    /// So many removals share one reading of answers, which are there by then.
    private static final int MAX_UNCONFIRMED = 100;

    private final Keys keys;
    private final Session session;
    private final Batcher<List<Settlement>> batches = new Batcher<>(BATCH, this::settle);

    /// The tags of removals whose answers have not been read, and the connection they went over.
    /// Used by one batch at a time.
    private final List<String> unconfirmed = new ArrayList<>();

    private @Nullable RedisConnection used;

    Settler(RedisServers servers, Keys keys) {
        this.keys = keys;
        this.session = new Session(servers, Failures.BROKER);
    }

    /// @throws dev.muster.queue.spi.BrokerException when it could not be sent
    void submit(List<Settlement> settlements) {
        if (!settlements.isEmpty()) {
            batches.submit(settlements);
        }
    }

    /// Makes sure that Redis has done what it was sent.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when Redis cannot be reached; it is tried again
    ///   with the next settlement
    void confirm() {
        batches.submit(List.of());
    }

    private void settle(List<List<Settlement>> requests) {
        var removed = new ArrayList<String>();
        var requeued = new ArrayList<Command>();
        for (var request : requests) {
            for (var settlement : request) {
                switch (settlement) {
                    case Settlement.Remove(var tag) -> removed.add(tag);
                    case Settlement.Requeue(var tag, var list, var envelope) -> {
                        var all = new ArrayList<>(keys.holding());
                        all.add(list);
                        requeued.add(
                                Command.script(
                                        Script.REQUEUE, all, List.of(tag, "LPUSH", envelope)));
                    }
                }
            }
        }
        try {
            send(removed, requeued);
        } catch (BrokerException e) {
            if (unconfirmed.isEmpty() || !e.isTransient()) {
                throw e;
            }
            // It was the connection with the open answers that had broken; a new one may work.
            send(removed, requeued);
        }
    }

    private void send(List<String> removed, List<Command> requeued) {
        session.use(connection -> {
            var tags = new ArrayList<>(removed);
            if (connection != used) {
                tags.addAll(unconfirmed);
                unconfirmed.clear();
                used = connection;
            } else if (tags.isEmpty() || unconfirmed.size() > MAX_UNCONFIRMED) {
                connection.collect();
                unconfirmed.clear();
            }
            unconfirmed.addAll(tags);
            if (!tags.isEmpty()) {
                connection.post(
                        List.of(
                                Command.of("MULTI"),
                                remove("ZREM", keys.unackedIndex(), tags),
                                remove("HDEL", keys.unacked(), tags),
                                remove("ZREM", keys.leases(), tags),
                                Command.of("EXEC")));
            }
            if (!requeued.isEmpty()) {
                requeue(connection, requeued);
            }
            return null;
        });
    }

    private static void requeue(RedisConnection connection, List<Command> commands) {
        for (var answer : connection.pipeline(commands)) {
            if (answer instanceof JedisDataException e) {
                throw e;
            }
        }
    }

    private static Command remove(String command, String key, List<String> tags) {
        var arguments = new ArrayList<Object>();
        arguments.add(key);
        arguments.addAll(tags);
        return Command.of(command, arguments.toArray());
    }

    @Override
    public void close() {
        session.close();
    }
}
