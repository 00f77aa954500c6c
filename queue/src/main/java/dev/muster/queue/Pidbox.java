package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a worker hears commands that are broadcast to all workers, those of Celery included
/// (celery-wire 7.1, 7.2). It obeys `revoke`.
final class Pidbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Exchange EXCHANGE =
            new Exchange("celery.pidbox", Exchange.Type.FANOUT, false);
    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(2);

    /// How long a broker that is well may take to close a consumer; a worker that ends waits no
    /// longer for one that is away.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Broker broker;
    private final Json json;
    private final String hostname;
    private final Supervisor supervisor;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch listening = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer current;

    Pidbox(Muster muster, String hostname, Supervisor supervisor) {
        this.broker = muster.broker();
        this.json = muster.json();
        this.hostname = hostname;
        this.supervisor = supervisor;
        this.thread = Thread.ofVirtual().name("pidbox-" + hostname).unstarted(this::run);
    }

    /// The command to revoke tasks, as Celery sends it.
    static Publication revoke(Json json, Collection<String> ids, boolean terminate) {
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        arguments.put("task_id", List.copyOf(ids));
        arguments.put("terminate", terminate);
        arguments.put("signal", "SIGTERM");
        var command = new LinkedHashMap<String, @Nullable Object>();
        command.put("method", "revoke");
        command.put("arguments", arguments);
        command.put("destination", null);
        command.put("pattern", null);
        command.put("matcher", null);
        var message =
                new Message(
                        json.write(command),
                        "application/json",
                        "utf-8",
                        Map.of("clock", 1, "expires", 0.0),
                        // Transient, so that it is no error when nobody listens.
                        new Message.Properties(null, null, false, 0, null));
        return new Publication(EXCHANGE.name(), "", message);
    }

    void start() {
        thread.start();
    }

    /// Waits until commands are heard, or cannot be heard.
    boolean awaitListening(Duration timeout) {
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
                    for (var delivery : consumer.take(100, TAKE_TIMEOUT)) {
                        hear(delivery.message());
                    }
                }
            } catch (BrokerException e) {
                // The worker's own loop tells of it, unless only this is refused.
                if (reachable && !isClosed()) {
                    LOG.warn("commands to all workers are not heard: {}", e.getMessage());
                }
                reachable = false;
                pause();
            } finally {
                current = null;
                listening.countDown();
            }
        }
    }

    /// Begins to listen.
    Consumer open() {
        // Other than Celery's it has a name of its own, so that two workers that were given one
        // node
        // name do not take each other's commands.
        var queue =
                new Queue(
                        "%s.%s.celery.pidbox".formatted(hostname, UUID.randomUUID()),
                        EXCHANGE,
                        "",
                        Queue.Lifetime.REPLIES,
                        Map.of("x-message-ttl", 300_000, "x-expires", 10_000));
        broker.declare(queue);
        var consumer = broker.consume(List.of(queue), 0);
        current = consumer;
        return consumer;
    }

    /// Obeys a command, if it is one.
    void hear(Message message) {
        try {
            if (json.read(message.body()) instanceof Map<?, ?> command && isForUs(command)) {
                obey(command);
            }
        } catch (DecodeException e) {
            LOG.warn("a command cannot be read: {}", LogText.of(String.valueOf(e.getMessage())));
        }
    }

    private boolean isForUs(Map<?, ?> command) {
        return command.get("pattern") == null
                && (!(command.get("destination") instanceof List<?> names)
                        || names.contains(hostname));
    }

    private void obey(Map<?, ?> command) {
        var arguments = command.get("arguments") instanceof Map<?, ?> map ? map : Map.of();
        if ("revoke".equals(command.get("method"))) {
            var ids =
                    switch (arguments.get("task_id")) {
                        case String id -> List.of(id);
                        case List<?> list -> list.stream().map(String::valueOf).toList();
                        case null, default -> List.<String>of();
                    };
            var terminate = Boolean.TRUE.equals(arguments.get("terminate"));
            LOG.info("Tasks flagged as revoked: {}", LogText.of(String.join(", ", ids)));
            supervisor.revoke(ids, terminate);
        } else {
            LOG.debug("the command {} is not known here", LogText.of(command.get("method")));
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
