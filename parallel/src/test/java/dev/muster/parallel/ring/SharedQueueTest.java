package dev.muster.parallel.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.parallel.wire.Packed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Queues that this process has joined several times. Each takes part as a process of its own
/// would.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SharedQueueTest {
    private static final long LIMIT = Duration.ofSeconds(60).toNanos();
    private static final long ID = 7;

    private final List<SharedQueue> opened = new ArrayList<>();

    private SharedQueue create(int capacity) throws IOException {
        var queue = SharedQueue.create(ID, capacity);
        opened.add(queue);
        return queue;
    }

    private SharedQueue join(SharedQueue owned) throws IOException {
        var queue = SharedQueue.join(owned.folder(), ID);
        opened.add(queue);
        return queue;
    }

    @AfterEach
    void release() {
        opened.reversed().forEach(SharedQueue::release);
        await().atMost(Duration.ofNanos(LIMIT))
                .until(() -> opened.stream().noneMatch(queue -> Files.exists(queue.folder())));
    }

    /// A value that tells whether it is whole.
    private static Packed value(int sender, int number, int size) {
        var bytes = new byte[Math.max(size, 2 * Integer.BYTES)];
        Arrays.fill(bytes, (byte) (31 * sender + number));
        ByteBuffer.wrap(bytes).putInt(sender).putInt(number);
        return Packed.of(bytes);
    }

    private static int sender(Packed packed) {
        return ByteBuffer.wrap(packed.body()).getInt();
    }

    private static int number(Packed packed) {
        return ByteBuffer.wrap(packed.body()).getInt(Integer.BYTES);
    }

    private static void assertWhole(Packed packed) {
        var body = packed.body();
        assertThat(body).isEqualTo(value(sender(packed), number(packed), body.length).body());
    }

    @Test
    void valuesOfAllSizesComeWholeOnceAndInOrder() throws Exception {
        for (var round = 0; round < 8; round++) {
            var seed = new Random().nextLong();
            try {
                exchangeRandomly(new Random(seed));
            } catch (AssertionError | Exception e) {
                throw new AssertionError("with seed " + seed, e);
            }
        }
    }

    private void exchangeRandomly(Random random) throws Exception {
        var owned = create(1 + random.nextInt(random.nextBoolean() ? 4 : 600));
        var senders = 1 + random.nextInt(3);
        var receivers = 1 + random.nextInt(3);
        var each = 2_000;
        var received = new ArrayList<Future<List<Packed>>>();
        try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            for (var number = 0; number < receivers; number++) {
                var queue = number == 0 ? owned : join(owned);
                Callable<List<Packed>> receiving =
                        () -> {
                            var taken = new ArrayList<Packed>();
                            for (var value = queue.poll(LIMIT);
                                    value != null;
                                    value = queue.poll(LIMIT)) {
                                taken.add(value);
                                assertWhole(value);
                            }
                            return taken;
                        };
                received.add(threads.submit(receiving));
            }
            var sent = new ArrayList<Future<?>>();
            for (var number = 0; number < senders; number++) {
                var queue = join(owned);
                var sender = number;
                var sizes = new Random(random.nextLong());
                Callable<Boolean> sending =
                        () -> {
                            for (var count = 0; count < each; count++) {
                                var value = value(sender, count, size(sizes));
                                assertThat(queue.offer(value, LIMIT)).isEqualTo(Outcome.ADDED);
                            }
                            return true;
                        };
                sent.add(threads.submit(sending));
            }
            for (var sending : sent) {
                sending.get();
            }
            owned.close();
        }
        var total = 0;
        for (var receiving : received) {
            var last = new HashMap<Integer, Integer>();
            for (var value : receiving.get()) {
                var before = last.put(sender(value), number(value));
                assertThat(before == null || before < number(value)).isTrue();
                total++;
            }
        }
        assertThat(total).isEqualTo(senders * each);
        assertThat(files(owned)).isEmpty();
    }

    /// Small ones mostly, and those at the limits of what fits where.
    private static int size(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> random.nextInt(200_000);
            case 1 -> Lane.MAX_VALUE - 2 + random.nextInt(5);
            case 2, 3 -> Lane.SMALL - 10 + random.nextInt(5);
            case 4, 5 -> random.nextInt(10_000);
            default -> random.nextInt(100);
        };
    }

    private static List<String> files(SharedQueue queue) throws IOException {
        try (var files = Files.list(queue.folder())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("body-") || name.startsWith("large-"))
                    .toList();
        }
    }

    @Test
    void aLaneThatIsFullDoesNotMakeAnybodyWait() throws Exception {
        var owned = create(1_000);
        for (var number = 0; number < 1_000; number++) {
            assertThat(owned.offer(value(0, number, number % 3 == 0 ? 20 : 60_000), 0))
                    .isEqualTo(Outcome.ADDED);
        }
        assertThat(owned.offer(value(0, 0, 20), 0)).isEqualTo(Outcome.FULL);
        assertThat(files(owned)).isNotEmpty();
        for (var number = 0; number < 1_000; number++) {
            take(owned, 0, number);
        }
        assertThat(files(owned)).isEmpty();
    }

    @Test
    void aValueThatIsNotAddedLeavesNoFile() throws Exception {
        var owned = create(1);
        owned.offer(value(0, 0, 100_000), 0);
        var file = Files.createTempFile(owned.ownFolder(), "large-", "");
        assertThat(owned.offer(new Packed(new byte[100_000], file), 0)).isEqualTo(Outcome.FULL);
        owned.close();
        var other = Files.createTempFile(owned.ownFolder(), "large-", "");
        assertThat(owned.offer(new Packed(new byte[100_000], other), 0)).isEqualTo(Outcome.CLOSED);

        assertThat(files(owned)).hasSize(1);
        assertThat(file).doesNotExist();
        assertThat(other).doesNotExist();
    }

    @Test
    void theValuesOfAProcessThatHasLeftStayAndItsNumberIsUsedAgainAfterThem() throws Exception {
        var owned = create(100);
        for (var number = 0; number < Slots.MAX_PROCESSES + 100; number++) {
            var guest = join(owned);
            assertThat(guest.offer(value(0, number, 100 + number), 0)).isEqualTo(Outcome.ADDED);
            assertThat(guest.offer(value(1, number, 100 + number), 0)).isEqualTo(Outcome.ADDED);
            guest.release();
            opened.removeLast();
            if (number >= 40) {
                take(owned, 0, number - 40);
                take(owned, 1, number - 40);
            }
        }
        assertThat(owned.size()).isEqualTo(80);
    }

    private static void take(SharedQueue queue, int sender, int number) throws Exception {
        var value = Objects.requireNonNull(queue.poll(0));
        assertWhole(value);
        assertThat(sender(value)).isEqualTo(sender);
        assertThat(number(value)).isEqualTo(number);
    }

    @Test
    void whenTheLastOneInARoleLeavesTheQueueIsClosed() throws Exception {
        var owned = create(10);
        var sender = join(owned);
        var another = join(owned);
        var reader = join(owned);
        sender.declare(Role.SENDER);
        another.declare(Role.SENDER);
        sender.offer(value(0, 0, 0), 0);
        sender.release();
        assertThat(reader.poll(LIMIT)).isNotNull();
        assertThat(another.offer(value(0, 1, 0), 0)).isEqualTo(Outcome.ADDED);
        assertThat(reader.poll(LIMIT)).isNotNull();

        another.release();

        assertThat(reader.poll(LIMIT)).isNull();
        assertThat(reader.isEnded()).isTrue();
    }

    @Test
    void whoLeavesMakesTheOthersLookAgain() throws Exception {
        var owned = create(1);
        var killed = join(owned);
        var waiting = join(owned);
        var taken = new AtomicInteger();
        var thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                taken.set(waiting.poll(LIMIT) == null ? -1 : 1);
                            } catch (IOException | InterruptedException e) {
                                taken.set(-2);
                            }
                        });
        await().atMost(Duration.ofNanos(LIMIT))
                .until(() -> thread.getState() == Thread.State.TIMED_WAITING);

        // As if it had been killed between adding a value and waking those who wait for it.
        var slots = Slots.open(owned.folder().resolve("slots"), ID);
        var lane = Lane.open(owned.folder(), 1, 1);
        lane.write(0, value(0, 0, 0).body(), false);
        assertThat(slots.publish(1, 0)).isZero();
        killed.release();

        assertThat(thread.join(Duration.ofNanos(LIMIT))).isTrue();
        assertThat(taken).hasValue(1);
    }

    @Test
    void aTicketForAnotherQueueInTheSamePlaceIsRefused() throws Exception {
        var owned = create(1);
        assertThatThrownBy(() -> SharedQueue.join(owned.folder(), ID + 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the queue");
    }

    @Test
    void tooLargeACapacityIsRefused() {
        assertThatThrownBy(() -> create(Slots.MAX_CAPACITY + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4,194,305");
    }
}
