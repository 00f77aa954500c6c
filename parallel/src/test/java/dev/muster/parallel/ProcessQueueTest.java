package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The processes here are real, and so is the killing.
@SuppressWarnings("try") // queues are closed on purpose
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProcessQueueTest extends JoinableQueueContract {
    @TempDir private Path folder;

    @Override
    <T> JoinableQueue<T> open(int capacity) {
        return ProcessQueue.bounded(capacity);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    /// @param content derived from the other two, so that it tells whether it is whole
    record Item(int sender, int number, byte[] content) implements Serializable {
        /// Now and then too large for the memory that is shared.
        static Item of(int sender, int number) {
            var content = new byte[number % 50 == 49 ? 100_000 : number % 300];
            Arrays.fill(content, (byte) (sender + number));
            return new Item(sender, number, content);
        }

        boolean isWhole() {
            return Arrays.equals(content, of(sender, number).content());
        }
    }

    static void sum(ProcessQueue<Integer> numbers, ProcessQueue<Long> sums)
            throws InterruptedException {
        var sum = 0L;
        for (var number : numbers) {
            sum += number;
            numbers.taskDone();
        }
        sums.put(sum);
    }

    @Test
    void closingEndsTheIterationInAllProcesses() throws Exception {
        try (var numbers = ProcessQueue.<Integer>bounded(100);
                var sums = ProcessQueue.<Long>bounded(3);
                var first = ChildProcess.start(ProcessQueueTest::sum, numbers, sums);
                var second = ChildProcess.start(ProcessQueueTest::sum, numbers, sums);
                var third = ChildProcess.start(ProcessQueueTest::sum, numbers, sums)) {
            for (var number = 1; number <= 50_000; number++) {
                numbers.put(number);
            }
            assertThat(numbers.join(LIMIT)).isTrue();
            assertThat(numbers.size()).isZero();
            numbers.close();

            assertThat(sums.take() + sums.take() + sums.take()).isEqualTo(25_000L * 50_001);
            for (var child : List.of(first, second, third)) {
                assertThat(child.join(LIMIT)).isTrue();
                assertThat(child.exitStatus()).hasValue(0);
            }
        }
    }

    static void echo(ProcessQueue<Object> in, ProcessQueue<Object> out)
            throws InterruptedException {
        for (var value : in) {
            out.put(value);
        }
    }

    record Page(String title, byte[] content, ByteBuffer picture) implements Serializable {}

    @Test
    void largeValuesComeBackAsTheyWent() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var bytes = new byte[10_000_000];
        random.nextBytes(bytes);
        var text = "ö€".repeat(5_000_000);
        var page = new Page(text, bytes, ByteBuffer.wrap(bytes, 5, 300_000).slice());
        try (var in = ProcessQueue.bounded(2);
                var out = ProcessQueue.bounded(2);
                var _ = ChildProcess.start(ProcessQueueTest::echo, in, out)) {
            in.put(bytes);
            in.put(text);
            in.put(page);

            assertThat(Arrays.equals((byte[]) out.take(), bytes)).as("seed %d", seed).isTrue();
            assertThat(out.take().equals(text)).isTrue();
            var returned = (Page) out.take();
            assertThat(returned.title().equals(text)).isTrue();
            assertThat(Arrays.equals(returned.content(), bytes)).as("seed %d", seed).isTrue();
            assertThat(returned.picture().equals(page.picture())).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void itPassesThroughPoolsAndQueuesAsWell() throws Exception {
        try (var pool = Pool.processes(1);
                var numbers = ProcessQueue.<Integer>bounded(1);
                var queues = ProcessQueue.<ProcessQueue<Integer>>bounded(1)) {
            queues.put(numbers);
            pool.submit(ProcessQueueTest::answer, queues).get(60, TimeUnit.SECONDS);

            assertThat(numbers.take()).isEqualTo(42);
        }
    }

    static int answer(ProcessQueue<ProcessQueue<Integer>> queues) throws InterruptedException {
        var queue = queues.take();
        queue.put(42);
        return 0;
    }

    static void putMany(ProcessQueue<Integer> queue, String progress) throws Exception {
        var put = Progress.open(progress);
        for (var number = 0; ; number++) {
            queue.put(number);
            put.add(number);
        }
    }

    @Test
    void theLimitHoldsForAllProcessesTogether() throws Exception {
        var progress =
                List.of(
                        Progress.open(file("0")),
                        Progress.open(file("1")),
                        Progress.open(file("2")));
        try (var queue = ProcessQueue.<Integer>bounded(5);
                var _ = ChildProcess.start(ProcessQueueTest::putMany, queue, file("0"));
                var _ = ChildProcess.start(ProcessQueueTest::putMany, queue, file("1"));
                var _ = ChildProcess.start(ProcessQueueTest::putMany, queue, file("2"))) {
            for (var taken = 0; taken < 20_000; taken++) {
                var put = progress.stream().mapToInt(Progress::count).sum();
                assertThat(put).isLessThanOrEqualTo(taken + 5);
                queue.take();
            }
            // When nobody takes, it fills up, and no further.
            await().atMost(LIMIT)
                    .until(() -> progress.stream().mapToInt(Progress::count).sum() == 20_005);
            assertThat(queue.offer(-1, Duration.ofMillis(20))).isFalse();
            assertThat(queue.size()).isEqualTo(5);
        }
    }

    static void putItems(ProcessQueue<Item> queue, int sender, String progress) throws Exception {
        var put = Progress.open(progress);
        for (var number = 0; ; number++) {
            queue.put(Item.of(sender, number));
            put.add(number);
        }
    }

    @Test
    void aProducerThatIsKilledLosesNothingThatItHasPut() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var rounds = 8;
        var counts = new int[rounds];
        try (var queue = ProcessQueue.<Item>bounded(6)) {
            for (var round = 0; round < rounds; round++) {
                try (var child =
                        ChildProcess.start(
                                ProcessQueueTest::putItems, queue, round, file("" + round))) {
                    var until = random.nextInt(3_000);
                    do {
                        count(queue.take(), counts, seed);
                    } while (counts[round] <= until);
                    if (random.nextBoolean()) {
                        // In its wait for room, or in the middle of some put.
                        LockSupport.parkNanos(random.nextInt(300_000));
                    }
                    child.kill();
                    assertThat(child.join(LIMIT)).isTrue();
                }
                // Some of its values may still be in there when the next one begins.
                if (random.nextBoolean()) {
                    drain(queue, counts, seed);
                }
            }
            drain(queue, counts, seed);
            for (var round = 0; round < rounds; round++) {
                assertThat(counts[round])
                        .as("of producer %d, seed %d", round, seed)
                        .isBetween(
                                Progress.open(file("" + round)).count(),
                                Progress.open(file("" + round)).count() + 1);
            }
            assertThat(queue.size()).isZero();
        }
    }

    private static void drain(ProcessQueue<Item> queue, int[] counts, long seed)
            throws InterruptedException {
        for (var item = queue.poll(Duration.ZERO);
                item.isPresent();
                item = queue.poll(Duration.ZERO)) {
            count(item.get(), counts, seed);
        }
    }

    private static void count(Item item, int[] counts, long seed) {
        assertThat(item.isWhole()).as("seed %d", seed).isTrue();
        assertThat(item.number()).as("seed %d", seed).isEqualTo(counts[item.sender()]++);
    }

    static void takeItems(ProcessQueue<Item> queue, String progress) throws Exception {
        var taken = Progress.open(progress);
        for (var item : queue) {
            if (!item.isWhole()) {
                throw new IllegalStateException("broken: " + item);
            }
            taken.add(item.number());
        }
    }

    @Test
    void aConsumerThatIsKilledHarmsNobody() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var kills = 6;
        try (var queue = ProcessQueue.<Item>bounded(20)) {
            var number = 0;
            ChildProcess last = null;
            try (var _ = ChildProcess.start(ProcessQueueTest::takeItems, queue, file("s"))) {
                for (var kill = 0; kill < kills; kill++) {
                    var mine = Progress.open(file("" + kill));
                    try (var child =
                            ChildProcess.start(
                                    ProcessQueueTest::takeItems, queue, file("" + kill))) {
                        // Until this one has got so many, whatever the other one gets.
                        var until = random.nextInt(500);
                        while (mine.count() <= until) {
                            assertThat(queue.offer(Item.of(0, number++), LIMIT)).isTrue();
                        }
                        child.kill();
                        assertThat(child.join(LIMIT)).isTrue();
                    }
                }
                last = ChildProcess.start(ProcessQueueTest::takeItems, queue, file("last"));
                for (var more = 0; more < 100; more++) {
                    assertThat(queue.offer(Item.of(0, number++), LIMIT)).isTrue();
                }
                queue.close();
                assertThat(last.join(LIMIT)).isTrue();
                assertThat(last.exitStatus()).hasValue(0);
            } finally {
                if (last != null) {
                    last.close();
                }
            }

            var taken = IntStream.empty();
            for (var name :
                    Stream.concat(
                                    Stream.of("s", "last"),
                                    IntStream.range(0, kills).mapToObj(kill -> "" + kill))
                            .toList()) {
                taken = IntStream.concat(taken, Progress.open(file(name)).numbers());
            }
            var all = taken.boxed().toList();
            assertThat(all).as("seed %d", seed).doesNotHaveDuplicates();
            // Each that was killed may have taken one that it could not note any more.
            assertThat(number - all.size()).as("seed %d", seed).isBetween(0, kills);
        }
    }

    /// Makes a queue that is full and one that is empty, prints their tickets, and stays.
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws Exception {
            var full = ProcessQueue.<Integer>bounded(1);
            full.put(1);
            IO.println(ticket(full));
            IO.println(ticket(ProcessQueue.<Integer>bounded(1)));
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }

    private static String ticket(Object queue) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var stream = new ObjectOutputStream(bytes)) {
            stream.writeObject(queue);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    @SuppressWarnings("unchecked") // a queue of integers was written
    private static ProcessQueue<Integer> read(String ticket) throws Exception {
        var bytes = new ByteArrayInputStream(Base64.getDecoder().decode(ticket));
        try (var stream = new ObjectInputStream(bytes)) {
            return (ProcessQueue<Integer>) stream.readObject();
        }
    }

    @Test
    void whenTheOwnerIsKilledAllWhoWaitAreTold() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                java,
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Owner.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var lines = process.inputReader()) {
            var ticket = lines.readLine();
            var full = read(ticket);
            var empty = read(lines.readLine());
            assertThat(read(ticket)).isSameAs(full);
            var waiting =
                    List.of(
                            Waiting.start(() -> full.offer(2, LIMIT)).untilItSleeps(),
                            Waiting.start(() -> full.join(LIMIT)).untilItSleeps(),
                            Waiting.start(empty::take).untilItSleeps(),
                            Waiting.start(() -> empty.poll(LIMIT)).untilItSleeps(),
                            Waiting.start(() -> empty.iterator().hasNext()).untilItSleeps());
            process.destroyForcibly();

            for (var each : waiting) {
                assertThatThrownBy(each::result).hasCauseInstanceOf(QueueLostException.class);
            }
            assertThatThrownBy(full::take).isInstanceOf(QueueLostException.class);
            assertThatThrownBy(() -> empty.put(1)).isInstanceOf(QueueLostException.class);
            assertThatThrownBy(empty::join).isInstanceOf(QueueLostException.class);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(LIMIT)).isTrue();
        }
        var late = ProcessQueue.<Integer>bounded(1);
        assertThat(read(ticket(late))).isSameAs(late);
    }

    @Test
    void aTicketOfAnOwnerThatIsGoneIsRefused() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                java,
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Owner.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var lines = process.inputReader()) {
            var ticket = lines.readLine();
            process.destroyForcibly();
            assertThat(process.waitFor(LIMIT)).isTrue();

            assertThatThrownBy(() -> read(ticket))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot be reached");
        } finally {
            process.destroyForcibly();
        }
    }

    /// The folders of the queues that this process has made.
    private static List<Path> folders() throws IOException {
        var memory = Path.of("/dev/shm");
        var parent =
                Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
        var name = "muster-%d-".formatted(ProcessHandle.current().pid());
        try (var files = Files.list(parent)) {
            return files.filter(file -> file.getFileName().toString().startsWith(name)).toList();
        }
    }

    @Test
    void theMemoryOfAQueueThatNobodyHasIsFreedAndWhoComesLaterFindsItEnded() throws Exception {
        var before = folders();
        var ticket = closedAndForgotten();
        assertThat(folders()).anyMatch(folder -> !before.contains(folder));

        await().atMost(LIMIT)
                .until(() -> {
                    System.gc();
                    return before.containsAll(folders());
                });

        var ended = read(ticket);
        assertThat(ended.capacity()).isEqualTo(9);
        assertThat(ended.poll(LIMIT)).isEmpty();
        assertThatThrownBy(() -> ended.put(1)).isInstanceOf(QueueClosedException.class);
    }

    private static String closedAndForgotten() throws Exception {
        var queue = ProcessQueue.<Integer>bounded(9);
        queue.put(1);
        queue.take();
        queue.close();
        return ticket(queue);
    }

    record Unfit(String name, Object part) implements Serializable {}

    @Test
    void aValueThatCannotGoIsRefusedByTheNameOfTheCulprit() {
        try (var queue = ProcessQueue.<Object>bounded(1)) {
            assertThatThrownBy(() -> queue.put(new Unfit("x", new Object())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("part is a java.lang.Object");
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void anInterruptedThreadDoesNotCutItsProcessOff() throws Exception {
        try (var in = ProcessQueue.bounded(1);
                var out = ProcessQueue.bounded(1);
                var child = ChildProcess.start(ProcessQueueTest::interrupted, in, out)) {
            in.put(new byte[1_000_000]);

            assertThat(out.poll(LIMIT)).contains("InterruptedException");
            assertThat(out.poll(LIMIT)).contains(1_000_000);
            assertThat(child.join(LIMIT)).isTrue();
            assertThat(child.failure()).isEmpty();
        }
    }

    static void interrupted(ProcessQueue<Object> in, ProcessQueue<Object> out)
            throws InterruptedException {
        var bytes = (byte[]) in.take();
        Thread.currentThread().interrupt();
        try {
            out.put(bytes);
        } catch (InterruptedException e) {
            out.put(e.getClass().getSimpleName());
        }
        // Rings with the interrupt set, which must not close the connection.
        Thread.currentThread().interrupt();
        in.close();
        var _ = Thread.interrupted();
        out.put(bytes.length);
    }
}
