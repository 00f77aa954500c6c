package dev.muster.queue.rpc;

import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Sends each record as a message to the queue that the task's sender named in `reply_to`, as
/// Celery's `rpc://` does (celery-wire 4.7). Only the sender can read it, from its own memory.
///
/// A record that is sent while its reader is not connected is lost, because the reply queue lives
/// no longer than the connection that reads it. What has arrived is kept until it is forgotten, the
/// 8,192 newest records at most.
final class RpcResultStore implements ResultStore {
    private final Broker broker;
    private final ResultFormat format;
    private final boolean isPersistent;
    private final Queue replies;
    private final ReceivedResults received = new ReceivedResults();
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock.
    private @Nullable ReplyReader reader;

    /// Guarded by the lock.
    private boolean isClosed;

    RpcResultStore(Broker broker, Settings settings) {
        this.broker = broker;
        this.format = new ResultFormat(new Json(settings.get(Setting.JSON_TYPED_VALUES)));
        this.isPersistent = settings.get(Setting.RESULT_PERSISTENT);
        this.replies =
                Queue.replies(
                        UUID.randomUUID().toString(),
                        settings.get(Setting.RESULT_EXPIRES)
                                .map(time -> Map.<String, Object>of("x-expires", time.toMillis()))
                                .orElse(Map.of()));
    }

    @Override
    public void store(ResultRecord record, @Nullable String replyTo) {
        if (replyTo == null || replyTo.isEmpty()) {
            return; // nobody has asked for it
        }
        var properties = new Message.Properties(record.taskId(), null, isPersistent, 0, null);
        var message =
                new Message(
                        format.write(record), "application/json", "utf-8", Map.of(), properties);
        try {
            broker.publish(List.of(new Publication("", replyTo, message)));
        } catch (BrokerException e) {
            if (!e.isUnroutable()) { // otherwise its reader has gone, which is normal
                throw new ResultStoreException(
                        "the result of task %s was not sent: %s"
                                .formatted(record.taskId(), e.getMessage()),
                        e);
            }
        }
    }

    @Override
    public Optional<ResultRecord> fetch(String taskId) {
        return received.get(taskId);
    }

    @Override
    public CompletableFuture<ResultRecord> await(String taskId) {
        return received.await(taskId);
    }

    @Override
    public void forget(String taskId) {
        received.forget(taskId);
    }

    @Override
    public Optional<String> replyAddress() {
        lock.lock();
        try {
            if (isClosed) {
                throw new ResultStoreException(description() + " has been closed", null);
            }
            if (reader == null) {
                reader = ReplyReader.start(broker, replies, this::receive);
            }
            return Optional.of(replies.name());
        } finally {
            lock.unlock();
        }
    }

    /// @throws MusterException when the body is no record
    private void receive(byte[] body) {
        received.put(format.read(body));
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public String description() {
        return "rpc:// over " + broker.description();
    }

    @Override
    public void close() {
        ReplyReader last;
        lock.lock();
        try {
            isClosed = true;
            last = reader;
            reader = null;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.close();
        }
        received.close(new ResultStoreException(description() + " has been closed", null));
    }
}
