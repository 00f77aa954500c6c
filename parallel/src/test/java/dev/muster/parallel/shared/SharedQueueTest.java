package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Managers.PATIENCE;
import static dev.muster.parallel.shared.Managers.start;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.QueueClosedException;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import dev.muster.parallel.wire.TypeFilter;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SharedQueueTest {
    private final SharedManager manager = Managers.listen();
    private final SharedClient client = Managers.connect(manager);
    private final SharedClient other = Managers.connect(manager);

    record Order(String item, int count) implements Serializable {}

    @AfterEach
    void close() {
        client.close();
        other.close();
        manager.close();
    }

    @Test
    void valuesOfOneClientReachTheOtherInOrder() throws Exception {
        var here = client.queue("numbers", Integer.class, 3);
        var there = other.queue("numbers", Integer.class);

        var sent =
                start(() -> {
                    for (var number = 0; number < 100; number++) {
                        here.put(number);
                    }
                    here.close();
                    return null;
                });

        assertThat(there).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
        sent.get();
        assertThat(there.capacity()).isEqualTo(3);
    }

    @Test
    void joinWaitsUntilTheOtherClientHasDealtWithAll() throws Exception {
        var here = client.queue("pages", String.class);
        var there = other.queue("pages", String.class);
        here.put("a");
        here.put("b");

        var joined = start(() -> here.join(PATIENCE)).awaitWaiting();
        there.take();
        there.taskDone();
        there.take();
        assertThat(joined.future()).isNotDone();
        there.taskDone();

        assertThat(joined.get()).isTrue();
        assertThatThrownBy(here::taskDone).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingWakesThoseWhoWaitAtEitherEnd() throws Exception {
        var full = client.queue("full", String.class, 1);
        var empty = client.queue("empty", String.class, 1);
        full.put("first");
        var putting =
                start(() -> {
                    full.put("second");
                    return null;
                });
        var taking = start(empty::take);
        putting.awaitWaiting();
        taking.awaitWaiting();

        other.queue("full", String.class).close();
        other.queue("empty", String.class).close();

        assertThat(putting.failure()).isInstanceOf(QueueClosedException.class);
        assertThat(taking.failure()).isInstanceOf(QueueClosedException.class);
        assertThat(full.take()).isEqualTo("first");
        assertThat(full.poll(PATIENCE)).isEmpty();
    }

    /// Its class is known to none but the clients.
    @Test
    void valuesOfTheProgramsClassesPassThroughAManagerThatDoesNotKnowThem() throws Exception {
        client.queue("orders", Order.class).put(new Order("tea", 3));

        assertThat(other.queue("orders", Order.class).take()).isEqualTo(new Order("tea", 3));
    }

    record Parcel(Serializable content) implements Serializable {}

    @Test
    void aClassThatIsNotNamedIsRefusedByNameAndItsValueStaysForOthers() throws Exception {
        client.queue("parcels", Parcel.class).put(new Parcel(new Order("tea", 3)));
        var there = other.queue("parcels", Parcel.class);

        assertThatThrownBy(there::take)
                .isInstanceOf(ManagerException.class)
                .hasMessageContainingAll("queue 'parcels'", Order.class.getName(), "TypeFilter");

        await().untilAsserted(() -> assertThat(there.size()).isEqualTo(1));
        var filter = new TypeFilter(List.of(Order.class.getName()));
        try (var allowing = SharedClient.connect(manager.address(), Managers.OPTIONS, filter)) {
            assertThat(allowing.queue("parcels", Parcel.class).take().content())
                    .isEqualTo(new Order("tea", 3));
        }
    }

    @Test
    void aValueThatCannotBeSentNamesTheCulprit() {
        record Holder(Object part) implements Serializable {}
        var queue = client.queue("holders", Holder.class);

        assertThatThrownBy(() -> queue.put(new Holder(new Object())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("queue 'holders'", "part", "java.lang.Object");
    }

    @Test
    void aLargeValuePassesAndOneBeyondTheLimitIsRefusedAtOnce() throws Exception {
        var here = client.queue("blobs", byte[].class);
        var blob = new byte[10_000_000];
        new Random(1).nextBytes(blob);

        here.put(blob);

        assertThat(other.queue("blobs", byte[].class).take()).isEqualTo(blob);
        assertThatThrownBy(() -> here.put(new byte[65 << 20]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes are too many");
        here.put(new byte[] {1});
        assertThat(here.take()).containsExactly(1);
    }

    @Test
    void aValueThatIsTooLargeForOneClientStaysForTheOthers() throws Exception {
        var blob = new byte[10_000];
        client.queue("blobs", byte[].class).put(blob);

        try (var small = Managers.connect(manager, Managers.OPTIONS.withFrameLimit(2_000))) {
            var there = small.queue("blobs", byte[].class);
            assertThatThrownBy(there::take)
                    .isInstanceOf(ManagerException.class)
                    .hasMessageContaining("bytes are too many");
            assertThat(there.size()).isEqualTo(1);
        }
        assertThat(other.queue("blobs", byte[].class).take()).isEqualTo(blob);
    }

    @Test
    void anInterruptCallsTakeBackAndTheNextValueGoesToSomebodyElse() throws Exception {
        var here = client.queue("values", String.class);
        var taking = start(here::take).awaitWaiting();

        taking.thread().interrupt();
        assertThat(taking.failure()).isInstanceOf(InterruptedException.class);
        here.put("for the other");

        assertThat(other.queue("values", String.class).poll(PATIENCE)).contains("for the other");
    }

    @Test
    void anInterruptCallsPutBack() throws Exception {
        var here = client.queue("values", String.class, 1);
        here.put("first");
        var putting =
                start(
                                () -> {
                                    here.put("second");
                                    return null;
                                })
                        .awaitWaiting();

        putting.thread().interrupt();

        assertThat(putting.failure()).isInstanceOf(InterruptedException.class);
        assertThat(here.take()).isEqualTo("first");
        assertThat(here.poll(Duration.ZERO)).isEmpty();
    }

    /// An interrupt that comes too late must not lose what was taken, nor double what was put.
    @Test
    void interruptsAtAnyMomentLoseNothingAndDoubleNothing() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var values = 500;
        var here = client.queue("values", Integer.class, 5);
        var there = other.queue("values", Integer.class);
        var taken = new ConcurrentLinkedQueue<Integer>();

        var taker =
                start(() -> {
                    while (true) {
                        try {
                            taken.add(there.take());
                            Thread.interrupted();
                        } catch (InterruptedException _) {
                            // Once more.
                        } catch (QueueClosedException e) {
                            return null;
                        }
                    }
                });
        var putter =
                start(() -> {
                    for (var number = 0; number < values; ) {
                        try {
                            here.put(number);
                            number++;
                            Thread.interrupted();
                        } catch (InterruptedException _) {
                            // Once more.
                        }
                    }
                    return null;
                });
        while (!putter.future().isDone()) {
            (random.nextBoolean() ? taker : putter).thread().interrupt();
            Thread.sleep(Duration.ofNanos(random.nextInt(2_000_000)));
        }
        putter.get();
        here.close();
        taker.get();

        assertThat(taken)
                .as("seed %d", seed)
                .containsExactlyElementsOf(IntStream.range(0, values).boxed().toList());
    }

    /// A client that has got the value on its socket, and is gone before it has read it.
    @Test
    void valuesOnTheirWayToALostClientGoBackToTheHeadInOrder() throws Exception {
        var queue = client.queue("values", String.class);
        for (var value : List.of("a", "b", "c")) {
            queue.put(value);
        }
        try (var link = rawLink()) {
            var number = open(link, "values");
            ask(link, Verb.TAKE, number, 2);
            link.receive();
            ask(link, Verb.TAKE, number, 3);
            link.receive();
            assertThat(queue.size()).isEqualTo(1);

            // Closed with values on their way: they may come back, so this is not the end yet.
            queue.close();
        }
        Awaitility.await().until(() -> queue.size() == 3);

        var left = new ArrayList<String>();
        queue.forEach(left::add);
        assertThat(left).containsExactly("a", "b", "c");
    }

    @Test
    void aQueueHasNotEndedWhileAValueMayComeBack() throws Exception {
        var queue = client.queue("values", String.class);
        queue.put("a");
        try (var link = rawLink()) {
            var number = open(link, "values");
            ask(link, Verb.TAKE, number, 2);
            link.receive();
            queue.close();

            var waiting = start(queue::take).awaitWaiting();
            assertThat(queue.poll(Duration.ZERO)).isEmpty();
            frame(link, Verb.KEEP, number, 2, new ByteSink(1));

            assertThat(waiting.failure()).isInstanceOf(QueueClosedException.class);
        }
    }

    private Link rawLink() throws Exception {
        return Link.connect(
                Addresses.parse(manager.address()), SharedManager.PROTOCOL, Managers.OPTIONS);
    }

    private static int open(Link link, String name) throws Exception {
        var arguments = new ByteSink(64);
        Frames.writeOneOf(arguments, Kind.QUEUE);
        arguments.writeInt(0);
        Frames.writeText(arguments, name);
        Frames.writeText(arguments, String.class.getName());
        frame(link, Verb.OPEN, 0, 1, arguments);
        var reply = new FrameReader(link.receive());
        reply.readLong();
        assertThat(reply.readOneOf(Status.values())).isEqualTo(Status.DONE);
        return reply.readInt();
    }

    private static void ask(Link link, Verb verb, int number, long call) throws Exception {
        var arguments = new ByteSink(8);
        arguments.writeLong(Frames.FOR_EVER);
        frame(link, verb, number, call, arguments);
    }

    private static void frame(Link link, Verb verb, int number, long call, ByteSink arguments)
            throws Exception {
        var frame = new ByteSink(64);
        frame.writeLong(call);
        Frames.writeOneOf(frame, verb);
        frame.writeInt(number);
        frame.writeLong(0);
        frame.write(arguments.toByteArray());
        link.send(frame);
    }

    @Test
    void nonsenseOfAClientEndsThatClientAndNoOther() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        client.queue("values", String.class).put("a");

        for (var round = 0; round < 50; round++) {
            try (var link = rawLink()) {
                for (var count = 0; count < 5; count++) {
                    var nonsense = new byte[1 + random.nextInt(60)];
                    random.nextBytes(nonsense);
                    if (nonsense.length > 8) {
                        nonsense[8] = (byte) random.nextInt(Verb.values().length);
                    }
                    var frame = new ByteSink(64);
                    frame.write(nonsense);
                    link.send(frame);
                }
            } catch (LinkLostException _) {
                // The manager has enough of it.
            }
        }

        assertThat(other.queue("values", String.class).take()).as("seed %d", seed).isEqualTo("a");
    }

    @Test
    void aNameStandsForOneThing() {
        client.queue("orders", Order.class, 5);
        client.semaphore("slots", 3);

        assertThatThrownBy(() -> other.queue("orders", Order.class, 6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'orders' is a queue with capacity 5 here, not 6");
        assertThatThrownBy(() -> other.queue("orders", String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a queue of", Order.class.getName(), "java.lang.String");
        assertThatThrownBy(() -> other.lock("orders"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'orders' is a queue here, not a lock");
        assertThatThrownBy(() -> other.semaphore("slots", 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'slots' is a semaphore with permits 3 here, not 4");
    }

    @Test
    void aDeletedNameIsFreeAndWhoHasTheOldThingGoesOnWithIt() throws Exception {
        var old = client.queue("orders", String.class, 5);
        old.put("old");

        assertThat(other.delete("orders")).isTrue();
        assertThat(other.delete("orders")).isFalse();
        var fresh = other.queue("orders", String.class, 6);

        assertThat(fresh.poll(Duration.ZERO)).isEmpty();
        assertThat(old.take()).isEqualTo("old");
    }

    @Test
    void textsSurviveWhateverTheyHold() throws Exception {
        var queue = client.queue("texts ünd \uD83D\uDE00", String.class);
        for (var text : List.of("", "é", "\uD800", new String(new byte[3000], UTF_8))) {
            queue.put(text);
            assertThat(queue.take()).isEqualTo(text);
        }
    }
}
