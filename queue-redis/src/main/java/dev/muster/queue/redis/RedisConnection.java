package dev.muster.queue.redis;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/// One socket to Redis, authenticated and with its database selected. Used by one thread at a time,
/// but for [#send] and [#receive], which two threads may use side by side.
final class RedisConnection extends Connection {
    private static final Logger LOG = LoggerFactory.getLogger(RedisConnection.class);

    /// Answers to posted commands that nobody has read yet.
    private int unread;

    private final Sockets sockets;

    RedisConnection(JedisSocketFactory sockets, JedisClientConfig config) {
        this(new Sockets(sockets), config);
    }

    private RedisConnection(Sockets sockets, JedisClientConfig config) {
        super(sockets, config);
        this.sockets = sockets;
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

    /// Sends a command, and another that is done in the same moment, whose answer it returns. The
    /// first one's is dropped before that is read: both may be large.
    ///
    /// @throws JedisDataException when Redis answers one of them with an error, but not if it
    ///   refuses the first and the second has an answer that is not empty
    @Nullable Object callBehind(Command first, Command command) {
        collect();
        sendCommand(first.arguments());
        sendCommand(command.arguments());
        flush();
        var refusal = skipAnswer();
        try {
            var answer = receive();
            if (refusal != null && !(answer instanceof List<?> items && !items.isEmpty())) {
                throw refusal;
            }
            return answer;
        } catch (JedisNoScriptException e) {
            return call(command);
        }
    }

    private @Nullable JedisDataException skipAnswer() {
        try {
            receive();
            return null;
        } catch (JedisDataException e) {
            return e;
        }
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

    /// Sends nothing more, and still receives what Redis has answered by the time that it notices,
    /// upon which Redis closes the connection. By any thread.
    void hangUp() {
        try {
            var socket = sockets.last;
            if (socket != null) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            LOG.debug("a connection was broken when it was ended", e);
        }
    }

    /// Sends without waiting for an answer.
    void send(Command... commands) {
        for (var command : commands) {
            sendCommand(command.arguments());
        }
        flush();
    }

    /// Waits for the next answer. Whoever listens is told of the pushes that come before it.
    @Nullable Object receive() {
        return getUnflushedObject();
    }

    /// Has someone told of what Redis pushes, and nobody else.
    ///
    /// @param listener called by the thread that receives
    void listen(Consumer<List<?>> listener) {
        addPushConsumer(push -> {
            listener.accept(push.getMessage().getContent());
            push.drop();
            return push;
        });
    }

    /// None of those that Jedis has, which would make answers of pushes.
    @Override
    protected void initPushConsumers(JedisClientConfig config) {}

    /// Keeps hold of the socket, which Jedis does not show, and makes no second one: Jedis would
    /// ask for it as soon as the first is closed in any direction, and go on with a connection that
    /// is neither authenticated nor subscribed to anything.
    private static final class Sockets implements JedisSocketFactory {
        private final JedisSocketFactory factory;
        private volatile @Nullable Socket last;

        private Sockets(JedisSocketFactory factory) {
            this.factory = factory;
        }

        @Override
        public Socket createSocket() {
            if (last != null) {
                throw new JedisConnectionException("the connection has ended");
            }
            var socket = factory.createSocket();
            last = socket;
            return socket;
        }
    }
}
