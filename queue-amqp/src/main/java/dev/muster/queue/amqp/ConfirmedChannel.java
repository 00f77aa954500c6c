package dev.muster.queue.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.muster.queue.spi.BrokerException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A channel in confirm mode, which publishes batches: writes all, then waits until the server has
/// answered for each message.
///
/// The server numbers what it receives on the channel and answers `basic.ack` or `basic.nack`, for
/// one number or for all up to it, in any order. A message that no queue takes comes back with
/// `basic.return` before its ack, and without its number: returns come in the order of publishing,
/// so each belongs to the next message that looks like it. One batch at a time; the answers come on
/// the connection's reader thread.
final class ConfirmedChannel {
    /// A server that is alive answers in milliseconds, and in seconds when its disk is slow.
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final Channel channel;
    private final String where;
    private final Duration patience;
    private final Watchdog watchdog;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();

    // All below are guarded by the lock.
    private final List<Sent> batch = new ArrayList<>();
    private final BitSet unsettled = new BitSet();
    private long firstNumber = 1;
    private int nextReturn;
    private @Nullable ShutdownSignalException shutdown;
    private boolean isBlocked;
    private boolean isStuck;

    private record Sent(PublishRequest request, PublishRequest.Outgoing message) {}

    /// How a batch ended.
    enum End {
        /// The server has answered for each message; single requests may have failed.
        ALL_SETTLED,
        /// The channel was closed, perhaps with its connection; requests without answer have
        /// failed.
        CHANNEL_CLOSED,
        /// The server has stopped reading, and will take in later what was written; requests
        /// without answer have failed, and the channel is of no use.
        BLOCKED,
        /// The server was silent for too long; the same, and the connection is of no use.
        STUCK
    }

    /// @param patience how long the server may be silent; then the connection is cut
    ConfirmedChannel(Channel channel, String where, Duration patience) throws IOException {
        this.channel = channel;
        this.where = where;
        this.patience = patience;
        this.watchdog = new Watchdog(patience, this::giveUp);
        channel.addConfirmListener(
                (number, multiple) -> settle(number, multiple, true),
                (number, multiple) -> settle(number, multiple, false));
        channel.addReturnListener(
                (_, _, exchange, routingKey, _, body) -> giveBack(exchange, routingKey, body));
        channel.addShutdownListener(this::close);
        channel.confirmSelect();
    }

    boolean isUsable() {
        lock.lock();
        try {
            return !isBlocked && !isStuck && channel.isOpen();
        } finally {
            lock.unlock();
        }
    }

    End publish(List<PublishRequest> requests) {
        Exception failure = null;
        watchdog.begin();
        try {
            GatheringFrameHandler.writeTogether(channel, () -> write(requests));
            watchdog.begin();
            awaitAnswers();
        } catch (IOException | ShutdownSignalException e) {
            failure = e;
        } finally {
            watchdog.end();
        }
        return end(requests, failure);
    }

    /// Ends writing, too, which blocks without a limit of its own while the server does not read.
    private void giveUp() {
        lock.lock();
        try {
            isStuck = true;
            answered.signal();
        } finally {
            lock.unlock();
        }
        ForwardingFrameHandler.cut(channel.getConnection());
    }

    private void write(List<PublishRequest> requests) throws IOException {
        for (var request : requests) {
            for (var message : request.messages()) {
                if (!write(request, message)) {
                    break;
                }
            }
        }
    }

    private boolean write(PublishRequest request, PublishRequest.Outgoing message)
            throws IOException {
        add(new Sent(request, message));
        var publication = message.publication();
        try {
            channel.basicPublish(
                    publication.exchange(),
                    publication.routingKey(),
                    message.isMandatory(),
                    message.properties(),
                    publication.message().body());
            return true;
        } catch (IllegalArgumentException e) {
            // It does not fit into the protocol's fields, and nothing of it was written.
            removeLast();
            request.fail(
                    BrokerException.refused(
                            "a message for %s cannot be sent: %s"
                                    .formatted(publication.target(), e.getMessage()),
                            e));
            return false;
        }
    }

    private void add(Sent sent) {
        lock.lock();
        try {
            unsettled.set(batch.size());
            batch.add(sent);
        } finally {
            lock.unlock();
        }
    }

    private void removeLast() {
        lock.lock();
        try {
            batch.removeLast();
            unsettled.clear(batch.size());
        } finally {
            lock.unlock();
        }
    }

    /// Not interruptible: the batch holds the messages of other threads as well.
    private void awaitAnswers() {
        lock.lock();
        try {
            while (!unsettled.isEmpty() && shutdown == null && !isBlocked && !isStuck) {
                answered.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private End end(List<PublishRequest> requests, @Nullable Exception failure) {
        lock.lock();
        try {
            if (failure == null && shutdown == null && !isStuck && unsettled.isEmpty()) {
                return End.ALL_SETTLED;
            }
            var cause = shutdown != null ? shutdown : failure;
            var reason = failureOf(requests, cause);
            for (var request : requests) {
                if (!request.isSettled()) {
                    request.fail(reason);
                }
            }
            if (isStuck) {
                return End.STUCK;
            }
            return cause == null ? End.BLOCKED : End.CHANNEL_CLOSED;
        } finally {
            firstNumber += batch.size();
            batch.clear(); // lets go of the bodies
            unsettled.clear();
            nextReturn = 0;
            lock.unlock();
        }
    }

    private BrokerException failureOf(List<PublishRequest> requests, @Nullable Exception cause) {
        if (isStuck) {
            return BrokerException.unreachable(
                    where,
                    new IOException("it was silent for %d s".formatted(patience.toSeconds())));
        }
        if (cause == null) {
            return blocked(where, "its memory or disk is short");
        }
        if (requests.size() > 1) {
            // One of these was at fault. The others may try again, and so finds it out for itself.
            return Failures.transientOf(cause, where);
        }
        var first = requests.getFirst().messages().getFirst();
        return Failures.ofPublishing(cause, first.publication().target(), where);
    }

    private void settle(long number, boolean multiple, boolean accepted) {
        lock.lock();
        try {
            var last = (int) (number - firstNumber);
            if (last < 0) {
                return; // the answer to a batch that was given up
            }
            for (var index = unsettled.nextSetBit(multiple ? 0 : last);
                    index >= 0 && index <= last;
                    index = unsettled.nextSetBit(index + 1)) {
                unsettled.clear(index);
                var sent = batch.get(index);
                sent.request.settleOne();
                if (!accepted) {
                    sent.request.fail(
                            BrokerException.unreachable(
                                    where,
                                    new IOException(
                                            "it did not take a message for %s (is the queue full?)"
                                                    .formatted(
                                                            sent.message.publication().target()))));
                }
            }
            if (unsettled.isEmpty()) {
                answered.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(String exchange, String routingKey, byte[] body) {
        lock.lock();
        try {
            while (nextReturn < batch.size()) {
                var sent = batch.get(nextReturn++);
                var publication = sent.message.publication();
                if (sent.message.isMandatory()
                        && publication.exchange().equals(exchange)
                        && publication.routingKey().equals(routingKey)
                        && Arrays.equals(publication.message().body(), body)) {
                    sent.request.fail(BrokerException.unroutable(where, publication));
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// The server has said that it reads no more for now: ends the wait.
    void block() {
        lock.lock();
        try {
            isBlocked = true;
            answered.signal();
        } finally {
            lock.unlock();
        }
    }

    static BrokerException blocked(String where, String reason) {
        return BrokerException.unreachable(
                where, new IOException("it takes no messages for now: " + reason));
    }

    void abort() {
        try {
            channel.abort();
        } catch (IOException e) {
            // Closed is what it is to be, one way or another.
        }
    }

    private void close(ShutdownSignalException signal) {
        lock.lock();
        try {
            shutdown = signal;
            answered.signal();
        } finally {
            lock.unlock();
        }
    }
}
