package dev.muster.queue.control;

import dev.muster.queue.codec.ContentRefusedException;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.LogLimit;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.events.LogicalClock;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a worker hears commands, one after the other on a thread of its own, and answers them.
/// Nothing that it hears can stop it, or fill the log. Thread-safe.
public final class Mailbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(2);
    private static final int BATCH = 100;

    /// How long a broker that is well may take to close a consumer; a worker that ends waits no
    /// longer for one that is away.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Broker broker;
    private final Serializers serializers;
    private final LogicalClock clock;
    private final Wire wire;
    private final String node;
    private final Obedience obedience;
    private final LogLimit unreadable = new LogLimit();
    private final LogLimit refused = new LogLimit();
    private final LogLimit failed = new LogLimit();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch listening = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer current;

    /// What a worker does when it hears a command.
    @FunctionalInterface
    public interface Obedience {
        /// @return what stands behind the node's name in the reply
        /// @throws CommandException when the command cannot be obeyed
        @Nullable Object obey(Command command);
    }

    /// @param serializers in which it reads commands, and answers
    /// @param node the name of the worker
    public Mailbox(
            Broker broker,
            Serializers serializers,
            LogicalClock clock,
            Settings settings,
            String node,
            Obedience obedience) {
        this.broker = broker;
        this.serializers = serializers;
        this.clock = clock;
        this.wire = new Wire(settings);
        this.node = node;
        this.obedience = obedience;
        this.thread = Thread.ofVirtual().name("pidbox-" + node).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// Waits until commands are heard, or cannot be heard.
    public boolean awaitListening(Duration timeout) {
        try {
            return listening.await(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        var reachable = true;
        while (!isClosed()) {
            try (var consumer = open()) {
                reachable = true;
                listening.countDown();
                while (!isClosed()) {
                    consumer.take(BATCH, TAKE_TIMEOUT)
                            .forEach(delivery -> hear(delivery.message()));
                }
            } catch (BrokerException e) {
                // The worker's own loop tells of it, unless only this is refused.
                if (reachable && !isClosed()) {
                    LOG.warn("commands to workers are not heard: {}", e.getMessage());
                }
                reachable = false;
                pause();
            } catch (RuntimeException | Error e) {
                // A defect of ours or of a library, or no memory for what has come.
                LOG.error("hearing commands failed", e);
                pause();
            } finally {
                current = null;
                listening.countDown();
            }
        }
    }

    /// Begins to listen, for a caller that takes and [#hear]s the messages itself.
    public Consumer open() {
        // Other than Celery's it has a name of its own, so that two workers that were given one
        // node name do not take each other's commands.
        var queue = wire.commandsOf("%s.%s".formatted(node, UUID.randomUUID()));
        broker.declare(queue);
        var consumer = broker.consume(List.of(queue), 0);
        current = consumer;
        return consumer;
    }

    /// Obeys a command, if it is one and is meant for this worker. Never throws.
    public void hear(Message message) {
        clock.saw(message.headers().get("clock"));
        try {
            var command = Command.read(serializers.read(message), wire.replies().name());
            if (command.audience().includes(node)) {
                var answer = answer(command);
                command.ticket().ifPresent(ticket -> reply(ticket, answer));
            }
        } catch (DecodeException | ContentRefusedException e) {
            unreadable
                    .next()
                    .ifPresent(more ->
                            LOG.warn(
                                    "a command cannot be read: {}{}",
                                    LogText.of(e.getMessage()),
                                    more));
        } catch (RuntimeException | Error e) { // whatever comes must not end the listening
            failed.next().ifPresent(more -> LOG.error("a command was not obeyed{}", more, e));
        }
    }

    private @Nullable Object answer(Command command) {
        try {
            return obedience.obey(command);
        } catch (CommandException e) {
            refused.next()
                    .ifPresent(more ->
                            LOG.warn(
                                    "the command {} is refused: {}{}",
                                    LogText.of(command.method()),
                                    LogText.of(e.getMessage()),
                                    more));
            return Map.of("error", String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            failed.next()
                    .ifPresent(more ->
                            LOG.error(
                                    "the command {} has failed{}",
                                    LogText.of(command.method()),
                                    more,
                                    e));
            return Map.of("error", e.toString());
        }
    }

    private void reply(Command.Ticket ticket, @Nullable Object answer) {
        try {
            broker.publish(List.of(Wire.reply(serializers, ticket, node, answer, clock.next())));
        } catch (EncodeException e) {
            failed.next()
                    .ifPresent(more ->
                            LOG.error("the answer to a command cannot be written{}", more, e));
        } catch (BrokerException e) {
            // Who has asked does not wait any more, or asks again when the broker is back.
            LOG.debug("the answer to a command is lost: {}", e.getMessage());
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void pause() {
        try {
            var _ = closed.await(RECONNECT_DELAY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        var consumer = current;
        if (consumer != null) {
            consumer.cancel();
        }
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
