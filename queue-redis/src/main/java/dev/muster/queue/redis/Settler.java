package dev.muster.queue.redis;

import dev.muster.queue.spi.Batcher;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.exceptions.JedisDataException;

/// Settles held messages; concurrent callers share one pipeline. Thread-safe.
///
/// It does not matter which connection a message was taken over: whoever knows its tag can settle
/// it.
final class Settler implements AutoCloseable {
    private static final int BATCH = 500;

    private final Keys keys;
    private final Session session;
    private final Batcher<List<Settlement>> batches = new Batcher<>(BATCH, this::settle);

    Settler(RedisServers servers, Keys keys) {
        this.keys = keys;
        this.session = new Session(servers, Failures.BROKER);
    }

    void submit(List<Settlement> settlements) {
        if (!settlements.isEmpty()) {
            batches.submit(settlements);
        }
    }

    private void settle(List<List<Settlement>> requests) {
        var removed = new ArrayList<Object>();
        var commands = new ArrayList<Command>();
        for (var request : requests) {
            for (var settlement : request) {
                switch (settlement) {
                    case Settlement.Remove(var tag) -> removed.add(tag);
                    case Settlement.Requeue(var tag, var list, var envelope) -> {
                        var all = new ArrayList<>(keys.holding());
                        all.add(list);
                        commands.add(
                                Command.script(
                                        Script.REQUEUE, all, List.of(tag, "LPUSH", envelope)));
                    }
                }
            }
        }
        if (!removed.isEmpty()) {
            commands.add(Command.of("MULTI"));
            commands.add(remove("ZREM", keys.unackedIndex(), removed));
            commands.add(remove("HDEL", keys.unacked(), removed));
            commands.add(remove("ZREM", keys.leases(), removed));
            commands.add(Command.of("EXEC"));
        }
        session.use(connection -> {
            for (var answer : connection.pipeline(commands)) {
                if (answer instanceof JedisDataException e) {
                    throw e;
                }
            }
            return null;
        });
    }

    private static Command remove(String command, String key, List<Object> tags) {
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
