package dev.muster.queue.redis;

import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.MusterException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Messages that are kept back until their time (docs/decisions/0006).
///
/// They lie in `unacked`, where Python peers would find and restore them when they are due, and in
/// a sorted set of ours, by their time. From the first consumer on, a thread of each Java process
/// brings what is due into its list. It sleeps until the next is due, and is woken by a channel
/// when an earlier one comes.
final class DelayedMessages implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DelayedMessages.class);

    /// So many become due in one step at the most, so that nobody waits long for Redis.
    private static final int BATCH = 500;

    /// A sign of life is given at least this often, and a wake-up that was lost costs no more.
    private static final Duration LONGEST_NAP = Duration.ofSeconds(5);

    private static final Duration SIGN_LASTS = LONGEST_NAP.multipliedBy(3);
    private static final Json JSON = new Json(true);

    private final RedisServers servers;
    private final Keys keys;
    private final InstantSource clock;
    private final Session session;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by `lock`.
    private @Nullable Thread thread;

    /// Guarded by `lock`.
    private boolean woken;

    /// Guarded by `lock`.
    private boolean closed;

    /// Used by the thread.
    private @Nullable ChannelReader reader;

    private volatile boolean deaf;

    DelayedMessages(RedisServers servers, Keys keys, InstantSource clock) {
        this.servers = servers;
        this.keys = keys;
        this.clock = clock;
        this.session = new Session(servers, Failures.BROKER);
    }

    boolean isForLater(Instant due) {
        return due.isAfter(clock.instant());
    }

    /// What keeps a new message back.
    Command delay(Envelope.Tagged envelope, String queue, String list, Instant due) {
        return Command.script(
                Script.DELAY,
                List.of(
                        keys.unacked(),
                        keys.unackedIndex(),
                        keys.delayed(),
                        keys.delayedAlive(),
                        list),
                List.of(
                        envelope.tag(),
                        Housekeeper.seconds(due),
                        indexScore(due),
                        JSON.writeText(queue),
                        envelope.text(),
                        keys.delayedChannel()));
    }

    /// What lets go of a held message until its time.
    Command postpone(Settlement.Postpone settlement) {
        return Command.script(
                Script.POSTPONE,
                List.of(
                        keys.unacked(),
                        keys.unackedIndex(),
                        keys.leases(),
                        keys.delayed(),
                        settlement.list()),
                List.of(
                        settlement.tag(),
                        Housekeeper.seconds(settlement.due()),
                        indexScore(settlement.due()),
                        settlement.length(),
                        keys.delayedChannel()));
    }

    /// Peers restore what has been in the index for the visibility timeout: it is then due.
    private String indexScore(Instant due) {
        return Housekeeper.seconds(due.minus(keys.options().visibilityTimeout()));
    }

    /// From now on, this process brings what is due into its lists. Returns when peers can know it.
    void start() {
        lock.lock();
        try {
            if (thread != null || closed) {
                return;
            }
            release();
            thread = Thread.ofVirtual().name("redis-delayed").start(this::run);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        var reachable = true;
        var nap = Duration.ZERO;
        while (sleep(nap)) {
            try {
                listen();
                nap = release();
                reachable = true;
            } catch (MusterException e) {
                // Consumers notice by themselves; here it is only worth a line when it begins.
                if (reachable) {
                    LOG.warn("messages for later cannot be looked after: {}", e.getMessage());
                }
                reachable = false;
                nap = LONGEST_NAP;
            }
        }
    }

    /// False once closed.
    private boolean sleep(Duration nap) {
        lock.lock();
        try {
            var left = nap.toNanos();
            while (!woken && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            woken = false;
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void listen() {
        if (reader == null || deaf) {
            deaf = false;
            reader =
                    new ChannelReader(
                            servers, Failures.BROKER, "redis-delayed-wakeups", new Wakeups());
            reader.send("SUBSCRIBE", List.of(keys.delayedChannel()));
        }
    }

    /// @return how long until it is worth looking again
    private Duration release() {
        var answer =
                session.call(
                        Command.script(
                                Script.DUE,
                                List.of(
                                        keys.unacked(),
                                        keys.unackedIndex(),
                                        keys.delayed(),
                                        keys.delayedAlive()),
                                List.of(
                                        Housekeeper.seconds(clock.instant()),
                                        BATCH,
                                        SIGN_LASTS.toMillis())));
        if (!(answer instanceof byte[] score)) {
            return LONGEST_NAP;
        }
        var due = Double.parseDouble(new String(score, StandardCharsets.US_ASCII));
        var now = clock.instant();
        var seconds = due - now.getEpochSecond() - now.getNano() / 1e9;
        return seconds > LONGEST_NAP.toSeconds()
                ? LONGEST_NAP
                : Duration.ofNanos(
                        Math.max(0, (long) Math.ceil(seconds * TimeUnit.SECONDS.toNanos(1))));
    }

    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            running = thread;
        } finally {
            lock.unlock();
        }
        session.close();
        if (running != null) {
            try {
                running.join(LONGEST_NAP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (reader != null) {
            reader.close();
        }
    }

    /// On the reader's thread.
    private final class Wakeups implements ChannelReader.Listener {
        /// What came before the subscription was not heard.
        @Override
        public void subscribed(String channel) {
            wake();
        }

        @Override
        public void message(String channel, byte[] message) {
            wake();
        }

        @Override
        public void failed(MusterException reason) {
            deaf = true;
            LOG.debug("nobody tells of earlier messages: {}", reason.getMessage());
        }
    }
}
