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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps alive what the consumers of this process hold, and brings back what dead ones held.
///
/// While there are consumers, one thread renews the leases of all held messages, in [LeaseRounds]:
/// it waits for nothing but Redis, and for that no longer than a round, because nothing else may
/// cost the leases. Another has the [Restorer] look for lapsed ones as often, however long that
/// takes. Times of leases are those of Redis: they are compared across machines, and are too short
/// to trust the clocks of these. The scores in `unacked_index` are wall clock, as Python's are.
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
    private final LeaseRounds rounds;
    private final Session renewals;
    private final Session restoring;
    private final Restorer restorer;
    private final Settler settler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by `lock`.
    private final Set<RedisConsumer> consumers = new LinkedHashSet<>();

    /// From the first consumer on. Guarded by `lock`.
    private List<Thread> threads = List.of();

    /// Guarded by `lock`.
    private boolean closed;

    Housekeeper(
            RedisServers servers, Keys keys, Routes routes, InstantSource clock, Settler settler) {
        this.keys = keys;
        this.clock = clock;
        this.where = servers.toString();
        this.rounds = new LeaseRounds(keys.options().lease());
        this.renewals = new Session(servers, Failures.BROKER);
        this.restoring = new Session(servers, Failures.BROKER);
        this.settler = settler;
        this.restorer = new Restorer(restoring, keys, routes, clock, this::heldTags);
    }

    /// Seconds since 1970, rounded up: nothing that counts from then ends too early.
    static long wholeSeconds(Instant instant) {
        return instant.plusNanos(TimeUnit.SECONDS.toNanos(1) - 1).getEpochSecond();
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
            changed.signalAll();
            if (threads.isEmpty() && !closed) {
                threads =
                        List.of(
                                // Not a virtual thread: tasks that keep all carriers busy must not
                                // cost the leases.
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("redis-leases")
                                        .start(this::renewLeases),
                                Thread.ofVirtual()
                                        .name("redis-housekeeper")
                                        .start(this::bringBack));
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(RedisConsumer consumer) {
        lock.lock();
        try {
            consumers.remove(consumer);
        } finally {
            lock.unlock();
        }
    }

    private void renewLeases() {
        while (isNeeded()) {
            rounds.begin();
            try {
                refresh();
                rounds.end();
            } catch (MusterException e) {
                // The other thread tells.
                LOG.debug("leases cannot be renewed", e);
            } catch (RuntimeException e) { // a defect, which must not cost the leases
                LOG.error("renewing leases failed", e);
            }
            pause(rounds.untilNext());
        }
    }

    private void bringBack() {
        warnOfSkew();
        var reachable = true;
        while (isNeeded()) {
            try {
                settler.confirm();
                restorer.run(rounds);
                reachable = true;
            } catch (MusterException e) {
                // Consumers notice by themselves; here it is only worth a line when it begins.
                if (reachable && hasConsumers()) {
                    LOG.warn("held messages cannot be looked after: {}", e.getMessage());
                }
                reachable = false;
            } catch (RuntimeException e) { // a defect, which must not keep the next from returning
                LOG.error("looking after held messages failed", e);
            }
            pause(rounds.interval());
        }
    }

    /// Waits while there is no consumer.
    ///
    /// @return false once closed
    private boolean isNeeded() {
        lock.lock();
        try {
            while (consumers.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /// Ends early when this is closed.
    private void pause(Duration duration) {
        lock.lock();
        try {
            var remaining = duration.toNanos();
            while (!closed && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
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

    /// Asks Redis even if nothing is held: a server that stands still costs the others their
    /// leases, and only so does it make this round late.
    private void refresh() {
        var tags = heldTags();
        var from = 0;
        do {
            var to = Math.min(tags.size(), from + TAGS_PER_SCRIPT);
            refresh(tags.subList(from, to));
            from = to;
        } while (from < tags.size());
    }

    private void refresh(List<String> tags) {
        var arguments = new ArrayList<String>();
        arguments.add(String.valueOf(wholeSeconds(clock.instant())));
        arguments.addAll(tags);
        var refresh = Command.script(Script.REFRESH, keys.holding(), arguments);
        renewals.use(connection -> {
            // On a connection that hangs there would be no second try within the lease.
            connection.setSoTimeout(
                    (int) Math.min(connection.getSoTimeout(), rounds.interval().toMillis()));
            return connection.call(refresh);
        });
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
            if (restoring.call(Command.of("TIME")) instanceof List<?> time
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

    /// Lets running rounds finish, so that the mutex is given back.
    @Override
    public void close() {
        try {
            for (var thread : end()) {
                thread.join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        renewals.close();
        restoring.close();
    }

    private List<Thread> end() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            return threads;
        } finally {
            lock.unlock();
        }
    }
}
