package dev.muster.queue.rpc;

import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that reads the reply queue, and opens it again, under the same name, whenever the
/// broker was away.
final class ReplyReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyReader.class);

    /// The broker wakes it; this bounds the wait of each call only.
    private static final Duration WAIT = Duration.ofMinutes(1);

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(200), Duration.ofSeconds(2));
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final int BATCH = 100;
    private static final int NO_PREFETCH_LIMIT = 0;

    private final Broker broker;
    private final Queue replies;
    private final java.util.function.Consumer<byte[]> receiver;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /// Written by the reader's thread, cancelled by the closing one.
    private volatile Consumer consumer;

    private ReplyReader(
            Broker broker, Queue replies, java.util.function.Consumer<byte[]> receiver) {
        this.broker = broker;
        this.replies = replies;
        this.receiver = receiver;
        this.consumer = open();
        // A platform thread is woken in one step, a virtual one in three.
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("rpc-results-" + replies.name())
                        .unstarted(this::run);
    }

    /// Returns when replies can be received.
    ///
    /// @param receiver takes the body of a reply; what it throws is logged
    /// @throws BrokerException when the queue cannot be opened now
    static ReplyReader start(
            Broker broker, Queue replies, java.util.function.Consumer<byte[]> receiver) {
        var reader = new ReplyReader(broker, replies, receiver);
        reader.thread.start();
        return reader;
    }

    private Consumer open() {
        broker.declare(replies);
        return broker.consume(List.of(replies), NO_PREFETCH_LIMIT);
    }

    private void run() {
        while (true) {
            try (var current = consumer) {
                read(current);
                return;
            } catch (BrokerException e) {
                LOG.info("Results cannot be received for now: {}", e.getMessage());
            } catch (RuntimeException | Error e) { // callers wait for what this thread reads
                LOG.error("Receiving results failed, trying again", e);
            }
            if (!reopen()) {
                return;
            }
        }
    }

    private void read(Consumer current) {
        while (!isClosing()) {
            current.take(BATCH, WAIT).forEach(this::receive);
        }
    }

    private void receive(Delivery delivery) {
        try {
            receiver.accept(delivery.message().body());
        } catch (RuntimeException e) { // those behind it must still be read
            LOG.warn("A message in the reply queue is no result: {}", e.getMessage());
        }
        delivery.ack();
    }

    /// Returns false when the reader was closed meanwhile.
    private boolean reopen() {
        for (var failures = 0; !isClosedAfter(BACKOFF.delay(failures)); failures++) {
            try {
                consumer = open();
                return true;
            } catch (RuntimeException e) {
                LOG.debug("Results still cannot be received: {}", e.getMessage());
            }
        }
        return false;
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private boolean isClosedAfter(Duration pause) {
        try {
            return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown(); // nobody interrupts this thread but to end it
            return true;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        consumer.cancel();
        try {
            if (!thread.join(CLOSE_LIMIT)) {
                LOG.warn("The reader of results did not stop within {}", CLOSE_LIMIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
