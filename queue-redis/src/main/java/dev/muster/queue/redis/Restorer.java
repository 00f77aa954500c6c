package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.LeaseRounds;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings back messages whose holder died (celery-wire 3.5): those of a Java worker when their
/// lease has lapsed, those of a Python worker after the visibility timeout. Used by one thread.
///
/// One peer at a time does this, Python or Java: whoever has `unacked_mutex`. That saves work; that
/// no message is restored twice, or restored while its holder shows signs of life, is up to the
/// script, which moves a message only if nothing has changed since we looked.
final class Restorer {
    private static final Logger LOG = LoggerFactory.getLogger(Restorer.class);

    /// How many messages are in our memory at a time.
    private static final int PAGE = 100;

    /// Of a larger message only the end is read and written again: that it killed its holder must
    /// not kill us as well.
    private static final int LARGEST_TO_READ = 8 << 20;

    /// Longer than most runs take. Should we die meanwhile, the others wait no longer than this.
    private static final Duration MUTEX_LIVES = Duration.ofSeconds(10);

    /// Orphans are rare, and looking for them makes Redis read what is held: every 20th run will
    /// do.
    private static final int RUNS_PER_ADOPTION = 20;

    private final Session session;
    private final Keys keys;
    private final Routes routes;
    private final InstantSource clock;
    private final Supplier<? extends Collection<String>> own;
    private String cursor = "0";
    private int runs;

    /// @param own the tags of what the consumers of this broker hold. They are alive, however late
    ///   they renew their leases: a server that stands still for longer than a lease, whenever it
    ///   writes a large message, would have them bring that back for ever.
    Restorer(
            Session session,
            Keys keys,
            Routes routes,
            InstantSource clock,
            Supplier<? extends Collection<String>> own) {
        this.session = session;
        this.keys = keys;
        this.routes = routes;
        this.clock = clock;
        this.own = own;
    }

    /// Does nothing while another has the mutex. Puts nothing back while leases are to be spared.
    void run(LeaseRounds rounds) {
        var owner = UUID.randomUUID().toString();
        var mutex = keys.unackedMutex();
        var lock = Command.of("SET", mutex, owner, "NX", "PX", MUTEX_LIVES.toMillis());
        if (session.call(lock) == null) {
            return;
        }
        try {
            restoreLapsed(rounds);
            if (runs++ % RUNS_PER_ADOPTION == 0) {
                adoptOrphans();
            }
        } finally {
            session.call(Command.script(Script.UNLOCK, List.of(mutex), List.of(owner)));
        }
    }

    private void restoreLapsed(LeaseRounds rounds) {
        var left = keys.options().unackedRestoreLimit();
        while (left > 0) {
            var page = lapsed(Math.min(left, PAGE));
            var restored = restore(page, rounds);
            if (restored > 0) {
                LOG.info(
                        "back in their queues, because their workers are gone: {} messages",
                        restored);
            }
            if (page.size() < PAGE || restored == 0) {
                return;
            }
            left -= page.size();
        }
    }

    /// @return how many
    private long restore(List<Lapsed> page, LeaseRounds rounds) {
        var held = page.isEmpty() ? Set.of() : Set.copyOf(own.get());
        return page.stream()
                .filter(lapsed -> !held.contains(lapsed.tag()))
                .takeWhile(_ -> rounds.mayEndOthers())
                .filter(this::restore)
                .count();
    }

    /// A held message that nobody looks after, and its scores when we looked.
    private record Lapsed(String tag, String indexScore, String leaseScore) {}

    private List<Lapsed> lapsed(int limit) {
        var options = keys.options();
        var visibility = options.visibilityTimeout();
        var arguments =
                List.of(
                        options.lease().toMillis(),
                        // Both are written together, one of them in whole seconds; another holder
                        // came when the visibility timeout was over.
                        visibility.plusSeconds(1).toMillis() / 2000.0,
                        Housekeeper.seconds(clock.instant().minus(visibility)),
                        limit);
        var answer = session.call(Command.script(Script.LAPSED, keys.holding(), arguments));
        var found = new ArrayList<Lapsed>();
        for (var item : (List<?>) Objects.requireNonNull(answer)) {
            var fields = (List<?>) item;
            found.add(new Lapsed(text(fields.get(0)), text(fields.get(1)), text(fields.get(2))));
        }
        return found;
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, UTF_8);
    }

    private boolean restore(Lapsed lapsed) {
        var look = List.of(lapsed.tag(), LARGEST_TO_READ, Envelope.LENGTH_OF_END);
        if (!(session.call(Command.script(Script.HELD, List.of(keys.unacked()), look))
                instanceof List<?> found)) {
            return false;
        }
        var read = (byte[]) found.getFirst();
        var isEnd = found.size() > 1;
        Held held;
        try {
            held = Held.read(read);
        } catch (DecodeException e) {
            postpone(lapsed.tag(), e);
            return false;
        }
        var restored =
                isEnd ? Envelope.restoredEnd(held.envelope()) : Envelope.restored(held.envelope());
        var arguments = new ArrayList<Object>();
        arguments.addAll(List.of(lapsed.tag(), "RPUSH", restored.text()));
        arguments.add(isEnd ? text(found.getLast()) : Script.sha1(read));
        arguments.addAll(List.of(lapsed.indexScore(), lapsed.leaseScore()));
        if (isEnd) {
            arguments.add(Envelope.LENGTH_OF_END);
        }
        try {
            var lists = new ArrayList<>(keys.holding());
            for (var queue : queues(held)) {
                lists.add(keys.queueFor(queue, restored.priority()));
            }
            var moved = session.call(Command.script(Script.REQUEUE, lists, arguments));
            return Long.valueOf(1).equals(moved);
        } catch (BrokerException e) {
            if (e.isTransient()) {
                throw e;
            }
            postpone(lapsed.tag(), e); // its sender chose a list that is none, say
            return false;
        }
    }

    /// Where it was published to. Should the binding be gone, the queue that is named like the
    /// routing key, as Celery's are, is better than losing the message.
    private Collection<String> queues(Held held) {
        if (held.exchange().isEmpty()) {
            return Set.of(held.routingKey());
        }
        var exchanges = List.of(held.exchange());
        var members =
                session.use(connection -> routes.members(connection, exchanges))
                        .getOrDefault(held.exchange(), List.of());
        var queues = routes.queues(held.exchange(), held.routingKey(), members);
        return queues.isEmpty() ? Set.of(held.routingKey()) : queues;
    }

    /// Leaves it where it is, for somebody to look at, and comes back after the visibility timeout.
    private void postpone(String tag, RuntimeException reason) {
        LOG.warn(
                "{} holds {}, which cannot be put back: {}",
                keys.unacked(),
                tag,
                reason.getMessage());
        session.call(Command.of("ZREM", keys.leases(), tag));
        session.call(
                Command.of("ZADD", keys.unackedIndex(), Housekeeper.seconds(clock.instant()), tag));
    }

    private void adoptOrphans() {
        var arguments = List.of(cursor, Housekeeper.seconds(clock.instant()));
        var script = Command.script(Script.ADOPT, keys.holding(), arguments);
        cursor = text(Objects.requireNonNull(session.call(script)));
    }
}
