package dev.muster.queue;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time during which one consumer delivers.
///
/// When it is over, the consumer gives every unsettled message back to the broker, so what has not
/// been started by then must not be started any more. While it lasts, messages that are kept for
/// later do not count against the prefetch limit.
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Consumer consumer;
    private final int prefetch;
    private volatile boolean over;

    /// How many messages are kept for later. Guarded by this object.
    private int kept;

    /// @param prefetch how many other messages the consumer may hold; 0 for no limit
    Session(Consumer consumer, int prefetch) {
        this.consumer = consumer;
        this.prefetch = prefetch;
    }

    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /// A message is kept for later.
    void keep() {
        adjust(1);
    }

    /// The time of a kept message has come.
    void release() {
        adjust(-1);
    }

    private synchronized void adjust(int change) {
        kept += change;
        if (prefetch > 0 && !over) {
            try {
                consumer.prefetch(prefetch + kept);
            } catch (BrokerException e) {
                LOG.debug(
                        "the prefetch limit stays, as the connection is lost: {}", e.getMessage());
            }
        }
    }
}
