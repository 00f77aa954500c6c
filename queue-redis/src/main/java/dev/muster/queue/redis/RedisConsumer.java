package dev.muster.queue.redis;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Courier;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Queue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads queues of a [RedisBroker].
///
/// To take, a script moves messages from the lists into `unacked`. To wait, a [ListWatch] per list
/// sleeps in Redis until there is something, and takes it; what there is no room for by then it
/// puts back. A queue bound to a fanout exchange has a subscription instead of lists, and what it
/// receives was never held.
///
/// What happens when the connection breaks: [#take] throws, and the messages taken stay held in
/// Redis, where they can still be settled over a new connection. [#close()] puts every unsettled
/// one back, as for a consumer that is well. If Redis is away at that time, too, they stay held and
/// their leases are no longer renewed: until those pass they can be settled, afterwards they are
/// restored. So none is lost, and one that is being worked on may be delivered a second time.
final class RedisConsumer implements Consumer {
    private static final Logger LOG = LoggerFactory.getLogger(RedisConsumer.class);

    /// A slow reader makes Redis hold back, and at last cut off, what is broadcast.
    private static final int MAX_BROADCASTS = 10_000;

    /// What is larger is taken when it is asked for: put back and taken again it would be in memory
    /// twice.
    private static final int LARGEST_UNASKED = 1 << 20;

    /// How long a server that is well may take to hand out messages.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Unique, as are its combinations with the number of a take.
    private final String name = UUID.randomUUID().toString();

    private final AtomicLong takes = new AtomicLong();
    private final RedisBroker broker;
    private volatile int prefetch;
    private final List<Queue> declared;

    /// Those with lists. Used by the taking thread, in the order in which it serves them.
    private final List<Queue> queues;

    private final Session session;
    private final List<ListWatch> watches;
    private final @Nullable ChannelReader subscription;
    private final LinkedBlockingQueue<byte[]> broadcasts =
            new LinkedBlockingQueue<>(MAX_BROADCASTS);

    /// In the order in which they were taken.
    private final Set<RedisDelivery> held = Collections.synchronizedSet(new LinkedHashSet<>());

    /// What the watches have taken. Held, and with their lists.
    private final Deque<Arrival> arrivals = new ConcurrentLinkedDeque<>();

    /// Whether a look into the lists is worth a round trip: there was as much the last time as was
    /// wanted. Otherwise they are empty, or too large for one answer, and armed watches tell at
    /// once of what is there.
    private volatile boolean promising = true;

    /// How many more the watches may bring for a [#take] that waits. Guarded by `lock`.
    private int demand;

    /// Settled, and with the courier.
    private final Set<RedisDelivery> leaving = ConcurrentHashMap.newKeySet();

    private final Courier<RedisDelivery> acknowledgements;

    /// Held while messages are taken, so that [#close()] sees all that were.
    private final ReentrantLock taking = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Something may be there to take. Guarded by `lock`.
    private boolean woken;

    /// Guarded by `lock`.
    private boolean awaitsRoom;

    /// Guarded by `lock`.
    private boolean cancelled;

    /// Guarded by `lock`.
    private boolean closed;

    /// Why nothing more will arrive. Guarded by `lock`.
    private @Nullable MusterException failure;

    RedisConsumer(RedisBroker broker, Collection<Queue> declared, int prefetch) {
        this.broker = broker;
        this.prefetch = prefetch;
        this.declared = List.copyOf(declared);
        this.queues = new ArrayList<>(declared);
        var fanouts = declared.stream().filter(queue -> isFanout(broker, queue)).toList();
        queues.removeAll(fanouts);
        if (broker.options().queueOrder() == TransportOptions.QueueOrder.SORTED) {
            queues.sort(Comparator.comparing(Queue::name));
        }
        this.session = new Session(broker.servers(), Failures.BROKER);
        this.acknowledgements =
                new Courier<>(
                        "redis-acknowledgements",
                        PATIENCE,
                        "messages could not be acknowledged, which is tried again",
                        this::acknowledge);
        this.subscription = fanouts.isEmpty() ? null : subscribe(fanouts);
        this.watches =
                queues.stream()
                        .flatMap(queue ->
                                keys().queues(queue.name()).stream()
                                        .map(list -> new Watched(queue, list)))
                        .map(watched ->
                                new ListWatch(
                                        broker.servers(),
                                        broker.options(),
                                        watched.list(),
                                        watched))
                        .toList();
    }

    @Override
    public void prefetch(int count) {
        prefetch = count;
        wake();
    }

    private static boolean isFanout(RedisBroker broker, Queue queue) {
        return broker.routes().typeOf(queue.exchange()) == Exchange.Type.FANOUT;
    }

    /// Returns when Redis has confirmed: from then on nothing that is broadcast is missed.
    private ChannelReader subscribe(List<Queue> fanouts) {
        var patterns = fanouts.stream().map(keys()::channelPattern).distinct().toList();
        var listener = new Broadcasts(patterns.size());
        var reader =
                new ChannelReader(
                        broker.servers(),
                        Failures.BROKER,
                        "redis-broadcasts-" + fanouts.getFirst().name(),
                        listener);
        reader.send("PSUBSCRIBE", patterns);
        try {
            if (!listener.confirmed.await(
                    broker.options().socketTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
                fail(BrokerException.unreachable(broker.description(), null));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return reader;
    }

    Keys keys() {
        return broker.keys();
    }

    @Override
    public List<Delivery> take(int max, Duration timeout) {
        if (max < 1) {
            throw new IllegalArgumentException("max must be >= 1, was " + max);
        }
        var remaining = timeout.toNanos();
        while (ready()) {
            var full = room() == 0;
            var taken = fetch(max, remaining <= 0);
            if (!taken.isEmpty() || remaining <= 0) {
                return taken;
            }
            if (full) {
                promising = true;
            } else {
                demand(max);
                watches.forEach(ListWatch::arm);
            }
            remaining = await(remaining, full);
        }
        return List.of();
    }

    /// False when cancelled. What wakes us from now on happened after this look.
    private boolean ready() {
        lock.lock();
        try {
            if (cancelled) {
                return false;
            }
            if (failure != null) {
                throw failure;
            }
            woken = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private int room() {
        return prefetch == 0 ? Integer.MAX_VALUE : Math.max(0, prefetch - held.size());
    }

    private void demand(int count) {
        lock.lock();
        try {
            demand = count;
        } finally {
            lock.unlock();
        }
    }

    /// The nanoseconds that remain after something happened.
    ///
    /// @param full whether there was no room, so that a settlement counts
    private long await(long nanos, boolean full) {
        lock.lock();
        try {
            awaitsRoom = full;
            var remaining = nanos;
            while (!woken
                    && !cancelled
                    && failure == null
                    && !(full && room() > 0)
                    && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
            return remaining;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } finally {
            demand = 0;
            lock.unlock();
        }
    }

    /// @param surely whether to look into the lists even if the watches would tell of what is there
    private List<Delivery> fetch(int max, boolean surely) {
        taking.lock();
        try {
            var taken = new ArrayList<Delivery>();
            for (var arrival = next(max, taken); arrival != null; arrival = next(max, taken)) {
                taken.add(arrival.delivery());
            }
            for (var text = poll(max, taken); text != null; text = poll(max, taken)) {
                taken.add(RedisDelivery.broadcast(this, text));
            }
            var wanted = Math.min(room(), max);
            if (taken.isEmpty()
                    && (promising || surely)
                    && wanted > 0
                    && !queues.isEmpty()
                    && !isCancelled()) {
                taken.addAll(fetchHeld(wanted));
                promising = taken.size() == wanted;
            }
            return taken;
        } finally {
            taking.unlock();
        }
    }

    /// The queue that messages of a fanout exchange are for; empty if there is none.
    String fanoutQueue(String exchange) {
        return declared.stream()
                .filter(queue ->
                        isFanout(broker, queue) && queue.exchange().name().equals(exchange))
                .findFirst()
                .map(Queue::name)
                .orElse("");
    }

    private byte @Nullable [] poll(int max, List<Delivery> taken) {
        return taken.size() < max ? broadcasts.poll() : null;
    }

    private @Nullable Arrival next(int max, List<Delivery> taken) {
        return taken.size() < max ? arrivals.poll() : null;
    }

    private List<RedisDelivery> fetchHeld(int max) {
        var inTurn = broker.options().queueOrder() == TransportOptions.QueueOrder.ROUND_ROBIN;
        var lists = new ArrayList<String>();
        for (var step : broker.options().prioritySteps()) {
            queues.forEach(queue -> lists.add(keys().queue(queue.name(), step)));
        }
        var answer = session.call(taking(queues, lists, max, inTurn, Integer.MAX_VALUE));
        var taken = deliveries(queues, (List<?>) Objects.requireNonNull(answer));
        for (var delivery : taken) {
            if (delivery.isHeld()) {
                held.add(delivery);
            }
        }
        if (inTurn && queues.size() > 1) {
            taken.forEach(delivery -> serveLast(delivery.queue()));
        }
        return taken;
    }

    /// @param from the queues of the lists
    /// @param lists for each priority step those of all queues
    /// @param largest what has more bytes is not taken, nor is what comes behind it
    private Command taking(
            List<Queue> from, List<String> lists, int max, boolean inTurn, int largest) {
        var all = new ArrayList<>(keys().holding());
        all.addAll(lists);
        var arguments = new ArrayList<Object>();
        arguments.add(broker.indexScore());
        arguments.add(max);
        arguments.add(name + '-' + takes.incrementAndGet());
        arguments.add(inTurn ? "1" : "0");
        arguments.add(from.size());
        for (var queue : from) {
            arguments.add(queue.name());
            arguments.add(queue.lifetime() == Queue.Lifetime.REPLIES ? "1" : "0");
        }
        arguments.add(largest);
        return Command.script(Script.TAKE, all, arguments);
    }

    private List<RedisDelivery> deliveries(List<Queue> from, List<?> answer) {
        var taken = new ArrayList<RedisDelivery>();
        for (var item : answer) {
            var fields = (List<?>) item;
            var queue = from.get(Math.toIntExact((Long) fields.get(0)) - 1);
            var tag = new String((byte[]) fields.get(1), StandardCharsets.UTF_8);
            taken.add(new RedisDelivery(this, queue.name(), tag, (byte[]) fields.get(2)));
        }
        return taken;
    }

    private void serveLast(String name) {
        var queue = queues.stream().filter(each -> each.name().equals(name)).findAny();
        queue.filter(queues::remove).ifPresent(queues::add);
    }

    /// Keeps it for the [#take] that waits, if there is one.
    private boolean admit(Arrival arrival) {
        lock.lock();
        try {
            if (arrival.delivery().isHeld()) {
                if (cancelled || demand == 0 || room() == 0) {
                    return false;
                }
                demand--;
                held.add(arrival.delivery());
            }
            arrivals.add(arrival);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// What cannot be put back now is kept, for [#close()] to try again.
    private void putBack(Arrival arrival) {
        try {
            broker.settle(List.of(arrival.delivery().untaken(arrival.list())));
            held.remove(arrival.delivery());
        } catch (BrokerException e) {
            LOG.debug("a message stays held for now", e);
            held.add(arrival.delivery());
        }
    }

    long largestEnvelope() {
        return broker.largestEnvelope();
    }

    /// Called by a delivery, once it knows that it is unsettled.
    void settle(RedisDelivery delivery, Settlement settlement) {
        broker.settle(List.of(settlement));
        held.remove(delivery);
        roomFreed();
    }

    /// @return false when it is closed, or has too much to tell: then the caller has to settle it
    boolean acknowledgeSoon(RedisDelivery delivery) {
        leaving.add(delivery); // before it is held no more, so that its lease is renewed
        if (!acknowledgements.leave(delivery)) {
            leaving.remove(delivery);
            return false;
        }
        held.remove(delivery);
        roomFreed();
        return true;
    }

    /// What Redis cannot be told now stays with the [Settler].
    private void acknowledge(List<RedisDelivery> deliveries) {
        try {
            broker.settle(deliveries.stream().map(RedisDelivery::removed).toList());
        } catch (BrokerException e) {
            broker.removeLater(deliveries.stream().map(RedisDelivery::tag).toList());
            throw e;
        } finally {
            deliveries.forEach(leaving::remove);
        }
    }

    private void roomFreed() {
        lock.lock();
        try {
            if (awaitsRoom) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private List<RedisDelivery> heldNow() {
        synchronized (held) {
            return List.copyOf(held);
        }
    }

    /// What must be kept alive.
    List<String> heldTags() {
        return Stream.concat(heldNow().stream(), leaving.stream()).map(RedisDelivery::tag).toList();
    }

    private boolean isCancelled() {
        lock.lock();
        try {
            return cancelled;
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

    private void fail(MusterException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        watches.forEach(ListWatch::close);
        if (subscription != null) {
            subscription.close();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        try {
            cancel();
            awaitWatches();
            awaitTaking();
            acknowledgements.close();
            session.close();
            if (giveBack()) {
                removeReplies();
            }
        } finally {
            broker.forget(this); // whatever happens, or the leases of all would be renewed for ever
        }
    }

    /// @return whether Redis could be told
    private boolean giveBack() {
        var unsettled = heldNow();
        var settlements =
                Stream.concat(
                                leaving.stream().map(RedisDelivery::removed),
                                unsettled.stream()
                                        .flatMap(delivery -> delivery.giveBack().stream()))
                        .toList();
        if (settlements.isEmpty()) {
            return true;
        }
        try {
            broker.settle(settlements);
            unsettled.forEach(RedisDelivery::settled);
            return true;
        } catch (BrokerException e) {
            LOG.warn(
                    "{} messages stay held until their leases pass: {}",
                    settlements.size(),
                    e.getMessage());
            return false;
        }
    }

    private void removeReplies() {
        try {
            for (var queue : declared) {
                if (queue.lifetime() == Queue.Lifetime.REPLIES) {
                    broker.delete(queue);
                }
            }
        } catch (BrokerException e) {
            LOG.debug("a queue of replies stays until it expires", e);
        }
    }

    /// What they have taken by now is put back.
    private void awaitWatches() {
        var end = System.nanoTime() + PATIENCE.toNanos();
        watches.forEach(
                watch -> watch.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime()))));
    }

    /// Lets a running [#take] finish; cuts it off when the server does not answer.
    private void awaitTaking() {
        var idle = false;
        try {
            idle = taking.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!idle) {
            session.close();
            taking.lock();
        }
        taking.unlock();
    }

    /// @param list that it was in
    private record Arrival(RedisDelivery delivery, String list) {}

    /// What a watch brings.
    private final class Watched implements ListWatch.Listener {
        private final Queue queue;
        private final String list;
        private int wanted;

        private Watched(Queue queue, String list) {
            this.queue = queue;
            this.list = list;
        }

        private String list() {
            return list;
        }

        /// One more than the first, if there is room, shows whether there are others.
        @Override
        public Command take() {
            wanted = Math.clamp(room(), 1, 2);
            return taking(List.of(queue), List.of(list), wanted, false, LARGEST_UNASKED);
        }

        @Override
        public void taken(List<?> answer) {
            // None: it was too large, or somebody else's.
            if (answer.isEmpty() || answer.size() == wanted) {
                promising = true;
            }
            var surplus = new ArrayDeque<Arrival>();
            for (var delivery : deliveries(List.of(queue), answer)) {
                var arrival = new Arrival(delivery, list);
                if (!admit(arrival)) {
                    surplus.push(arrival);
                }
            }
            wake();
            surplus.forEach(RedisConsumer.this::putBack); // the oldest comes last, to be the next
            if (!surplus.isEmpty()) {
                promising = true;
            }
        }

        /// Puts back what nobody takes any more.
        @Override
        public void ended(@Nullable MusterException failure) {
            if (failure != null) {
                fail(failure);
            }
            for (var left = arrivals.poll(); left != null; left = arrivals.poll()) {
                putBack(left);
            }
        }
    }

    private final class Broadcasts implements ChannelReader.Listener {
        private final CountDownLatch confirmed;

        Broadcasts(int patterns) {
            confirmed = new CountDownLatch(patterns);
        }

        @Override
        public void subscribed(String channel) {
            confirmed.countDown();
        }

        @Override
        public void message(String channel, byte[] message) {
            try {
                while (!broadcasts.offer(message, 1, TimeUnit.SECONDS) && !isCancelled()) {
                    wake();
                }
            } catch (InterruptedException e) {
                // Nobody interrupts the reader; it ends when its connection is closed.
                Thread.currentThread().interrupt();
            }
            wake();
        }

        @Override
        public void failed(MusterException reason) {
            fail(reason);
            while (confirmed.getCount() > 0) {
                confirmed.countDown();
            }
        }
    }
}
