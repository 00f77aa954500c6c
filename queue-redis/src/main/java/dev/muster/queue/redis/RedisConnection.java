package dev.muster.queue.redis;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/// One socket to Redis, authenticated and with its database selected. Used by one thread at a time,
/// but for [#send] and [#receive], which two threads may use side by side.
final class RedisConnection extends Connection {
    /// Answers to posted commands that nobody has read yet.
    private int unread;

    RedisConnection(JedisSocketFactory sockets, JedisClientConfig config) {
        super(sockets, config);
    }

    /// Sends one command and returns its answer: `null`, `Long`, `byte[]`, or a list of these.
    ///
    /// @throws JedisDataException when Redis answers with an error
    @Nullable Object call(Command command) {
        var answer = pipeline(List.of(command)).getFirst();
        if (answer instanceof JedisDataException e) {
            throw e;
        }
        return answer;
    }

    /// Sends all commands, then reads all answers; an error is an answer, too.
    List<@Nullable Object> pipeline(List<Command> commands) {
        collect();
        commands.forEach(command -> sendCommand(command.arguments()));
        var answers = new ArrayList<@Nullable Object>(getMany(commands.size()));
        for (var i = 0; i < answers.size(); i++) {
            var script = commands.get(i).script();
            if (script != null && answers.get(i) instanceof JedisNoScriptException) {
                call(Command.of("SCRIPT", "LOAD", script.text()));
                sendCommand(commands.get(i).arguments());
                answers.set(i, getMany(1).getFirst());
            }
        }
        return answers;
    }

    /// Sends the commands, and leaves their answers for later. What was sent reaches Redis even if
    /// this process is killed now; only a break of the connection can stop it.
    void post(List<Command> commands) {
        commands.forEach(command -> sendCommand(command.arguments()));
        flush();
        unread += commands.size();
    }

    /// Reads the answers to what was posted. From then on Redis has surely done it.
    ///
    /// @throws JedisDataException when one of the answers is an error
    void collect() {
        var answers = getMany(unread);
        unread = 0;
        for (var answer : answers) {
            if (answer instanceof JedisDataException e) {
                throw e;
            }
        }
    }

    @Override
    public boolean ping() {
        collect();
        return super.ping();
    }

    /// Sends without waiting for an answer.
    void send(Command command) {
        sendCommand(command.arguments());
        flush();
    }

    /// Waits for the next answer.
    @Nullable Object receive() {
        return getUnflushedObject();
    }
}
