package dev.muster.queue.redis;

import dev.muster.queue.spi.Batcher;
import dev.muster.queue.spi.BrokerException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisDataException;

/// Settles held messages; concurrent callers share one pipeline. Thread-safe.
///
/// It does not matter which connection a message was taken over: whoever knows its tag can settle
/// it.
///
/// Removing a message does not wait for the answer of Redis, as an acknowledgement to RabbitMQ does
/// not wait either. The answers are read now and then, and by [#confirm()]; when the connection has
/// broken instead, or Redis refused, what was not confirmed is sent again before anything else.
final class Settler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);

    private static final int BATCH = 500;

    /// So many removals share one reading of answers, which are there by then.
    private static final int MAX_UNCONFIRMED = 100;

    private final Keys keys;
    private final DelayedMessages delayed;
    private final Session session;
    private final Batcher<List<Settlement>> batches = new Batcher<>(BATCH, this::settle);

    /// The tags of removals that go with the next batch.
    private final Set<String> late = ConcurrentHashMap.newKeySet();

    /// The tags of removals whose answers have not been read, and the connection they went over.
    /// Used by one batch at a time.
    private final List<String> unconfirmed = new ArrayList<>();

    private @Nullable RedisConnection used;

    Settler(RedisServers servers, Keys keys, DelayedMessages delayed) {
        this.keys = keys;
        this.delayed = delayed;
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
                    case Settlement.Postpone postpone -> requeued.add(delayed.postpone(postpone));
                    case Settlement.Requeue(var tag, var list, var envelope) ->
                            requeued.add(requeue(tag, list, "LPUSH", envelope));
                    case Settlement.Return(var tag, var list, var envelope) ->
                            requeued.add(requeue(tag, list, "RPUSH", envelope));
                }
            }
        }
        if (removed.isEmpty() && requeued.isEmpty() && unconfirmed.isEmpty() && late.isEmpty()) {
            return;
        }
        try {
            send(removed, requeued);
        } catch (BrokerException e) {
            // What became of the open answers is not known any more.
            used = null;
            if (unconfirmed.isEmpty() || !isUnreachable(e)) {
                throw e;
            }
            // It was the connection with the open answers that had broken; a new one may work.
            send(removed, requeued);
        }
    }

    private Command requeue(String tag, String list, String push, byte[] envelope) {
        var all = new ArrayList<>(keys.holding());
        all.add(list);
        return Command.script(Script.REQUEUE, all, List.of(tag, push, envelope));
    }

    /// Has messages removed with the next settlement, or with [#confirm()], however often that
    /// fails: nobody waits for it.
    void removeLater(Collection<String> tags) {
        late.addAll(tags);
    }

    /// What is still to be removed, and must not be restored before.
    Set<String> late() {
        return Set.copyOf(late);
    }

    /// Whether the connection is at fault, and not Redis, which refused.
    private static boolean isUnreachable(BrokerException failure) {
        return failure.isTransient() && !(failure.getCause() instanceof JedisDataException);
    }

    private void send(List<String> removed, List<Command> requeued) {
        session.use(connection -> {
            var behind = List.copyOf(late);
            if (connection != used && !unconfirmed.isEmpty()) {
                // They are kept until Redis has agreed: it may refuse again, for as long as its
                // disk is full, say.
                post(connection, unconfirmed);
                connection.collect();
                unconfirmed.clear();
            } else if ((removed.isEmpty() && behind.isEmpty())
                    || unconfirmed.size() > MAX_UNCONFIRMED) {
                connection.collect();
                unconfirmed.clear();
            }
            used = connection;
            for (var tags : List.of(removed, behind)) {
                if (!tags.isEmpty()) {
                    post(connection, tags);
                    unconfirmed.addAll(tags);
                }
            }
            behind.forEach(late::remove);
            if (!requeued.isEmpty()) {
                requeue(connection, requeued);
            }
            return null;
        });
    }

    private void post(RedisConnection connection, List<String> tags) {
        connection.post(
                List.of(
                        Command.of("MULTI"),
                        remove("ZREM", keys.unackedIndex(), tags),
                        remove("HDEL", keys.unacked(), tags),
                        remove("ZREM", keys.leases(), tags),
                        Command.of("EXEC")));
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

    /// Waits for the open answers first: a socket that is closed with answers unread may take back
    /// what it has sent.
    @Override
    public void close() {
        try {
            confirm();
        } catch (BrokerException e) {
            LOG.debug("up to {} messages are delivered again", unconfirmed.size(), e);
        }
        session.close();
    }
}
