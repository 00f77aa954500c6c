package dev.muster.queue.redis;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.ResultFormat;
import dev.muster.queue.spi.AwaitedResults;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The futures that wait for results, all on one subscription. Thread-safe.
///
/// A result may be stored at any moment, so every wait subscribes its key, also when others wait
/// for it, and looks then: what was stored before is found, what is stored later is announced.
/// After a lost connection all keys are subscribed, and looked for, again.
///
/// A single result is read over the connection with the subscriptions, which takes one round trip.
/// Of many, and after a loss, Redis is asked only whether any are there, and they are read over
/// another connection: it cuts one with subscriptions off whose answers amount to more than some
/// megabytes. A thread reads these, and connects; it starts with the first future and ends with the
/// store.
final class ResultWaits implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResultWaits.class);
    private static final int KEYS_PER_COMMAND = 500;
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private final RedisServers servers;
    private final Session session;
    private final ResultFormat format;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// By key. Waits begin under `lock`, together with their subscription.
    private final AwaitedResults awaited = new AwaitedResults(this::unsubscribe);

    /// Keys to be read. Guarded by `lock`.
    private final Set<String> unread = new HashSet<>();

    /// Guarded by `lock`, under which commands are sent, too: so they arrive in the order in which
    /// waits begin and end.
    private @Nullable ChannelReader subscription;

    /// Guarded by `lock`.
    private @Nullable Thread thread;

    ResultWaits(RedisServers servers, Session session, ResultFormat format) {
        this.servers = servers;
        this.session = session;
        this.format = format;
    }

    CompletableFuture<ResultRecord> await(String key) {
        lock.lock();
        try {
            var future = awaited.await(key);
            if (subscription != null) {
                subscription.subscribe(
                        List.of(key),
                        Command.of("MGET", key),
                        values -> complete(List.of(key), values));
            } else {
                connectSoon();
            }
            return future;
        } finally {
            lock.unlock();
        }
    }

    /// @return a future for each key, in the same order
    List<CompletableFuture<ResultRecord>> await(List<String> keys) {
        if (keys.isEmpty()) {
            return List.of();
        }
        lock.lock();
        try {
            var futures = keys.stream().map(awaited::await).toList();
            if (subscription != null) {
                subscribe(subscription, keys);
            } else {
                connectSoon();
            }
            return futures;
        } finally {
            lock.unlock();
        }
    }

    /// Under `lock`. A new connection will have all keys.
    private void connectSoon() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("redis-results").start(this::run);
        }
        changed.signalAll();
    }

    /// Under `lock`.
    private void subscribe(ChannelReader reader, List<String> keys) {
        for (var from = 0; from < keys.size(); from += KEYS_PER_COMMAND) {
            var some =
                    List.copyOf(keys.subList(from, Math.min(keys.size(), from + KEYS_PER_COMMAND)));
            reader.subscribe(
                    some,
                    Command.of("EXISTS", some.toArray()),
                    count -> {
                        if (!Long.valueOf(0).equals(count)) {
                            readSoon(some);
                        }
                    });
        }
    }

    /// Nobody waits for the key any more, unless somebody does again.
    private void unsubscribe(String key) {
        lock.lock();
        try {
            if (!awaited.isAwaited(key)) {
                unread.remove(key);
                if (subscription != null) {
                    subscription.unsubscribe(key);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        var failures = 0;
        while (awaitWork()) {
            try {
                connect();
                read();
                failures = 0;
            } catch (MusterException e) {
                LOG.debug("waiting for results of {} is interrupted", servers, e);
                failUnlessPassing(e);
                pause(BACKOFF.delay(failures++));
            }
        }
    }

    /// Waits until there are keys to read, or to subscribe; false when closed.
    private boolean awaitWork() {
        lock.lock();
        try {
            while (!awaited.isClosed()
                    && unread.isEmpty()
                    && (subscription != null || awaited.keys().isEmpty())) {
                changed.awaitUninterruptibly();
            }
            return !awaited.isClosed();
        } finally {
            lock.unlock();
        }
    }

    /// Nobody waits for what a server refuses.
    private void failUnlessPassing(MusterException failure) {
        if (failure instanceof ResultStoreException refusal
                && !Failures.isPassing(refusal.getCause())) {
            awaited.keys().forEach(key -> awaited.failed(key, refusal));
        }
    }

    private void connect() {
        if (isConnected()) {
            return;
        }
        var anyKey = awaited.keys().stream().findAny();
        if (anyKey.isEmpty()) {
            return;
        }
        // A server that is not ready yet accepts a subscription, and refuses the rest.
        session.call(Command.of("EXISTS", anyKey.get()));
        var messages = new Messages();
        var reader =
                new ChannelReader(servers, Failures.RESULTS, "redis-result-messages", messages);
        lock.lock();
        try {
            if (awaited.isClosed() || messages.ended) {
                reader.close();
                return;
            }
            subscription = reader;
            subscribe(reader, List.copyOf(awaited.keys()));
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
            complete(keys, session.call(Command.of("MGET", keys.toArray())));
        } catch (MusterException e) {
            readSoon(keys);
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

    private void readSoon(Collection<String> keys) {
        lock.lock();
        try {
            keys.stream().filter(awaited::isAwaited).forEach(unread::add);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the waits for what is stored, if it is ready.
    ///
    /// @param values the answer of `MGET`
    private void complete(List<String> keys, @Nullable Object values) {
        if (values instanceof List<?> texts) {
            for (var i = 0; i < keys.size(); i++) {
                if (texts.get(i) instanceof byte[] text) {
                    complete(keys.get(i), text);
                }
            }
        }
    }

    private void complete(String key, byte[] stored) {
        try {
            awaited.found(key, format.read(stored));
        } catch (DecodeException e) {
            awaited.failed(
                    key,
                    new ResultStoreException(
                            "what %s holds under %s is no result: %s"
                                    .formatted(servers, key, e.getMessage()),
                            e));
        }
    }

    private void pause(Duration delay) {
        lock.lock();
        try {
            var remaining = delay.toNanos();
            while (!awaited.isClosed() && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        awaited.close(new ResultStoreException(servers + " is closed", null));
        lock.lock();
        try {
            if (subscription != null) {
                subscription.close();
                subscription = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What the subscription brings.
    private final class Messages implements ChannelReader.Listener {
        /// Guarded by `lock`.
        private boolean ended;

        @Override
        public void message(String channel, byte[] message) {
            try {
                awaited.found(channel, format.read(message));
            } catch (DecodeException e) {
                LOG.warn(
                        "a message on {} of {} is no result: {}", channel, servers, e.getMessage());
            }
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
            failUnlessPassing(failure);
        }
    }
}
