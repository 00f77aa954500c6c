package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.muster.queue.spi.LeaseRounds;
import dev.muster.queue.spi.MusterException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps alive what the consumers of this process hold, and brings back what dead ones held.
///
/// As long as there is a consumer, a thread works in [LeaseRounds]. It renews the leases of all
/// held messages, and lets the [Restorer] look for lapsed ones. Times of leases are those of Redis:
/// they are compared across machines, and are too short to trust the clocks of these. The scores in
/// `unacked_index` are wall clock, as Python's are.
final class Housekeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
    private static final int TAGS_PER_SCRIPT = 1000;

    /// Beyond this, visibility timeouts of Python and Java workers begin to disagree.
    private static final Duration TOLERATED_SKEW = Duration.ofSeconds(30);

    /// How long a round may take that does not hang.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Keys keys;
    private final InstantSource clock;
    private final String where;
    private final Session session;
    private final Restorer restorer;
    private final Settler settler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by `lock`.
    private final Set<RedisConsumer> consumers = new LinkedHashSet<>();

    /// Runs while there are consumers. Guarded by `lock`.
    private @Nullable Thread thread;

    /// Used by the thread.
    private boolean reachable = true;

    Housekeeper(
            RedisServers servers, Keys keys, Routes routes, InstantSource clock, Settler settler) {
        this.keys = keys;
        this.clock = clock;
        this.where = servers.toString();
        this.session = new Session(servers, Failures.BROKER);
        this.settler = settler;
        this.restorer = new Restorer(session, keys, routes, clock);
    }

    /// Seconds since 1970 with microseconds, as Python's `time()`.
    static String seconds(Instant instant) {
        var micros =
                BigInteger.valueOf(TimeUnit.SECONDS.toMicros(instant.getEpochSecond()))
                        .add(BigInteger.valueOf(instant.getNano() / 1000));
        return new BigDecimal(micros, 6).toPlainString();
    }

    void add(RedisConsumer consumer) {
        lock.lock();
        try {
            consumers.add(consumer);
            if (thread == null) {
                // Not a virtual thread: tasks that keep all carriers busy must not cost the leases.
                thread = Thread.ofPlatform().daemon().name("redis-housekeeper").start(this::run);
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(RedisConsumer consumer) {
        lock.lock();
        try {
            consumers.remove(consumer);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        var rounds = new LeaseRounds(keys.options().lease());
        warnOfSkew();
        do {
            rounds.begin();
            try {
                settler.confirm();
                refresh();
                restorer.run(rounds);
                rounds.end();
                reachable = true;
            } catch (MusterException e) {
                // Consumers notice by themselves; here it is only worth a line when it begins.
                if (reachable && hasConsumers()) {
                    LOG.warn("held messages cannot be looked after: {}", e.getMessage());
                }
                reachable = false;
            }
        } while (await(rounds.untilNext()));
    }

    /// False when there is no consumer any more, and then the thread is forgotten.
    private boolean await(Duration pause) {
        lock.lock();
        try {
            var remaining = pause.toNanos();
            while (!consumers.isEmpty() && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            consumers.clear();
        } finally {
            lock.unlock();
        }
        return isNeeded();
    }

    private boolean isNeeded() {
        lock.lock();
        try {
            if (consumers.isEmpty()) {
                thread = null;
            }
            return !consumers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasConsumers() {
        lock.lock();
        try {
            return !consumers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void refresh() {
        var tags = heldTags();
        for (var from = 0; from < tags.size(); from += TAGS_PER_SCRIPT) {
            var arguments = new ArrayList<String>();
            arguments.add(seconds(clock.instant()));
            arguments.addAll(tags.subList(from, Math.min(tags.size(), from + TAGS_PER_SCRIPT)));
            session.call(Command.script(Script.REFRESH, keys.holding(), arguments));
        }
    }

    private List<String> heldTags() {
        lock.lock();
        try {
            var held = consumers.stream().flatMap(consumer -> consumer.heldTags().stream());
            return Stream.concat(held, settler.late().stream()).distinct().toList();
        } finally {
            lock.unlock();
        }
    }

    private void warnOfSkew() {
        try {
            if (session.call(Command.of("TIME")) instanceof List<?> time
                    && time.getFirst() instanceof byte[] seconds) {
                var there = Instant.ofEpochSecond(Long.parseLong(new String(seconds, US_ASCII)));
                var skew = Duration.between(there, clock.instant());
                if (skew.abs().compareTo(TOLERATED_SKEW) > 0) {
                    LOG.warn("the clock here differs from that of {} by {}", where, skew);
                }
            }
        } catch (MusterException e) {
            LOG.debug("the clock of {} cannot be read", where, e);
        }
    }

    /// Lets a running round finish, so that it gives the mutex back.
    @Override
    public void close() {
        var running = stop();
        if (running != null) {
            try {
                running.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        session.close();
    }

    private @Nullable Thread stop() {
        lock.lock();
        try {
            consumers.clear();
            changed.signalAll();
            return thread;
        } finally {
            lock.unlock();
        }
    }
}
