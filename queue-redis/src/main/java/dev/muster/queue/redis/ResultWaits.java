package dev.muster.queue.redis;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The futures that wait for results, all on one subscription. Thread-safe.
///
/// A result may be stored at any moment, so each key is read once more after its subscription has
/// been confirmed: what was stored before is found by reading, what is stored later is announced.
/// After a lost connection all keys are subscribed, and therefore read, again. A thread does this
/// work; it starts with the first future and ends with the store.
final class ResultWaits implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultWaits.class);
    private static final int KEYS_PER_COMMAND = 500;
    private static final Duration FIRST_DELAY = Duration.ofMillis(50);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(2);

    private final RedisServers servers;
    private final Session session;
    private final ResultFormat format;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// By key. Guarded by `lock`.
    private final Map<String, List<CompletableFuture<ResultRecord>>> waiting = new HashMap<>();

    /// Keys to be read. Guarded by `lock`.
    private final Set<String> unread = new HashSet<>();

    /// Commands are sent under `lock`, so that they arrive in the order of the changes to
    /// `waiting`.
    private @Nullable ChannelReader subscription;

    /// Guarded by `lock`.
    private @Nullable Thread thread;

    /// Guarded by `lock`.
    private boolean closed;

    /// Used by the thread: how long to wait after the next failure.
    private Duration delay = FIRST_DELAY;

    ResultWaits(RedisServers servers, Session session, ResultFormat format) {
        this.servers = servers;
        this.session = session;
        this.format = format;
    }

    /// @return a future for each key, in the same order
    List<CompletableFuture<ResultRecord>> await(List<String> keys) {
        if (keys.isEmpty()) {
            return List.of();
        }
        var futures = new ArrayList<CompletableFuture<ResultRecord>>(keys.size());
        lock.lock();
        try {
            if (closed) {
                return Collections.nCopies(
                        keys.size(), CompletableFuture.failedFuture(closedFailure()));
            }
            var added = new ArrayList<String>();
            for (var key : keys) {
                var future = new CompletableFuture<ResultRecord>();
                var others = waiting.get(key);
                if (others == null) {
                    others = new ArrayList<>();
                    waiting.put(key, others);
                    added.add(key);
                } else {
                    unread.add(key);
                }
                others.add(future);
                futures.add(future);
            }
            subscribe(added);
            if (thread == null) {
                thread = Thread.ofVirtual().name("redis-results").start(this::run);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (var index = 0; index < keys.size(); index++) {
            var key = keys.get(index);
            var future = futures.get(index);
            var _ = future.whenComplete((_, _) -> forget(key, future));
        }
        return futures;
    }

    /// Under `lock`.
    private void subscribe(List<String> keys) {
        for (var from = 0; from < keys.size(); from += KEYS_PER_COMMAND) {
            send("SUBSCRIBE", keys.subList(from, Math.min(keys.size(), from + KEYS_PER_COMMAND)));
        }
    }

    private ResultStoreException closedFailure() {
        return new ResultStoreException(servers + " is closed", null);
    }

    /// The future is done or cancelled.
    private void forget(String key, CompletableFuture<ResultRecord> future) {
        lock.lock();
        try {
            var futures = waiting.get(key);
            if (futures != null && futures.removeIf(future::equals) && futures.isEmpty()) {
                waiting.remove(key);
                unread.remove(key);
                send("UNSUBSCRIBE", List.of(key));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Under `lock`. Without a connection there is nothing to send: a new one subscribes all keys.
    private void send(String command, List<String> keys) {
        if (subscription != null) {
            subscription.send(command, keys);
        }
    }

    private void run() {
        while (awaitWork()) {
            try {
                connect();
                read();
                delay = FIRST_DELAY;
            } catch (MusterException e) {
                LOG.debug("waiting for results of {} is interrupted", servers, e);
                pause();
            }
        }
    }

    /// Waits until there are keys to read, or to subscribe; false when closed.
    private boolean awaitWork() {
        lock.lock();
        try {
            while (!closed && unread.isEmpty() && (subscription != null || waiting.isEmpty())) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void connect() {
        if (isConnected()) {
            return;
        }
        var messages = new Messages();
        var reader =
                new ChannelReader(servers, Failures.RESULTS, "redis-result-messages", messages);
        lock.lock();
        try {
            if (closed || messages.ended) {
                reader.close();
                return;
            }
            subscription = reader;
            subscribe(List.copyOf(waiting.keySet()));
        } finally {
            lock.unlock();
        }
    }

    private boolean isConnected() {
        lock.lock();
        try {
            return subscription != null;
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        var keys = takeUnread();
        if (keys.isEmpty()) {
            return;
        }
        try {
            if (session.call(Command.of("MGET", keys.toArray())) instanceof List<?> values) {
                for (var i = 0; i < keys.size(); i++) {
                    if (values.get(i) instanceof byte[] text) {
                        complete(keys.get(i), text);
                    }
                }
            }
        } catch (MusterException e) {
            readAgain(keys);
            throw e;
        }
    }

    private List<String> takeUnread() {
        lock.lock();
        try {
            var keys = unread.stream().limit(KEYS_PER_COMMAND).toList();
            keys.forEach(unread::remove);
            return keys;
        } finally {
            lock.unlock();
        }
    }

    private void readAgain(List<String> keys) {
        lock.lock();
        try {
            keys.stream().filter(waiting::containsKey).forEach(unread::add);
        } finally {
            lock.unlock();
        }
    }

    /// Ends the wait if the record is ready.
    private void complete(String key, byte[] text) {
        ResultRecord record;
        try {
            record = format.read(text);
        } catch (DecodeException e) {
            LOG.warn("{} of {} is no result: {}", key, servers, e.getMessage());
            return;
        }
        if (record.state().isReady()) {
            futures(key).forEach(future -> future.complete(record));
        }
    }

    private List<CompletableFuture<ResultRecord>> futures(String key) {
        lock.lock();
        try {
            return List.copyOf(waiting.getOrDefault(key, List.of()));
        } finally {
            lock.unlock();
        }
    }

    private void pause() {
        lock.lock();
        try {
            var remaining = delay.toNanos();
            while (!closed && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        var doubled = delay.multipliedBy(2);
        delay = doubled.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : doubled;
    }

    @Override
    public void close() {
        List<CompletableFuture<ResultRecord>> abandoned;
        lock.lock();
        try {
            closed = true;
            if (subscription != null) {
                subscription.close();
            }
            abandoned = waiting.values().stream().flatMap(List::stream).toList();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        abandoned.forEach(future -> future.completeExceptionally(closedFailure()));
    }

    /// What the subscription brings.
    private final class Messages implements ChannelReader.Listener {
        /// Guarded by `lock`.
        private boolean ended;

        @Override
        public void subscribed(String channel) {
            lock.lock();
            try {
                if (waiting.containsKey(channel)) {
                    unread.add(channel);
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void message(String channel, byte[] message) {
            complete(channel, message);
        }

        @Override
        public void failed(MusterException failure) {
            LOG.debug("the subscription to results of {} is lost", servers, failure);
            lock.lock();
            try {
                ended = true;
                subscription = null;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
