package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What process pools do when children, values and callers misbehave. All here is real: children
/// are killed, run out of memory, and exit.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProcessFaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final List<ByteBuffer> KEPT = new ArrayList<>();

    @TempDir private Path folder;

    static int increment(int n) {
        return n + 1;
    }

    static long pid() {
        return ProcessHandle.current().pid();
    }

    static void exit(int status) {
        System.err.println("about to exit");
        System.exit(status);
    }

    static int fillMemory() {
        while (true) {
            KEPT.add(ByteBuffer.allocate(10_000_000));
        }
    }

    /// Writes its process id into the file, then runs for ever.
    static void hang(String file) throws IOException {
        var target = Path.of(file);
        var draft = Files.createTempFile(target.getParent(), "pid", "");
        Files.writeString(draft, Long.toString(pid()));
        Files.move(draft, target);
        while (true) {
            LockSupport.park();
        }
    }

    private long awaitPid(String file) throws IOException {
        var path = folder.resolve(file);
        await().atMost(LIMIT).until(() -> Files.exists(path));
        return Long.parseLong(Files.readString(path));
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    private static Throwable failure(PoolFuture<?> future) throws InterruptedException {
        try {
            future.get();
            throw new AssertionError("the call has not failed");
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        }
    }

    @Test
    void aKilledChildFailsItsCallAndNoOther() throws Exception {
        try (var pool = Pool.processes(1)) {
            var hanging = pool.run(ProcessFaultsTest::hang, folder.resolve("pid").toString());
            var waiting = pool.submit(ProcessFaultsTest::increment, 1);

            kill(awaitPid("pid"));

            assertThat(failure(hanging))
                    .isInstanceOfSatisfying(
                            WorkerProcessDiedException.class,
                            e -> {
                                assertThat(e.exitStatus()).isEqualTo(137);
                                assertThat(e.signal()).contains("SIGKILL");
                            });
            assertThat(waiting.get()).isEqualTo(2);
        }
    }

    @Test
    void aCallThatWasLetGoOnIsKilledByShutdownNow() throws Exception {
        try (var pool = Pool.processes(1)) {
            var hanging = pool.run(ProcessFaultsTest::hang, folder.resolve("pid").toString());
            awaitPid("pid");
            hanging.cancel(false);

            pool.shutdownNow();

            assertThat(pool.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aStoppedChildIsKilledByShutdownNow() throws Exception {
        try (var pool = Pool.processes(1)) {
            var _ = pool.run(ProcessFaultsTest::hang, folder.resolve("pid").toString());
            var pid = awaitPid("pid");
            new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();

            pool.shutdownNow();

            assertThat(pool.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(ProcessHandle.of(pid)).isEmpty();
        }
    }

    /// A child that is to be killed for one call may have others, which were sent ahead.
    @Test
    void aCancelledCallTakesNoOtherWithIt() throws Exception {
        try (var pool = Pool.processes(2)) {
            for (var round = 0; round < 300; round++) {
                var futures = new ArrayList<PoolFuture<Integer>>();
                for (var n = 0; n < 20; n++) {
                    futures.add(pool.submit(ProcessFaultsTest::increment, n));
                }
                var cancelled = round % 20;
                futures.get(cancelled).cancel(true);
                for (var n = 0; n < 20; n++) {
                    if (n != cancelled) {
                        assertThat(futures.get(n).get()).isEqualTo(n + 1);
                    }
                }
            }
        }
    }

    @Test
    void anExitFailsTheCallWithStatusAndLastWords() throws Exception {
        try (var pool = Pool.processes(1)) {
            assertThat(failure(pool.run(ProcessFaultsTest::exit, 7)))
                    .isInstanceOfSatisfying(
                            WorkerProcessDiedException.class,
                            e -> {
                                assertThat(e.exitStatus()).isEqualTo(7);
                                assertThat(e.signal()).isEmpty();
                                assertThat(e.lastErrorLines()).contains("about to exit");
                            })
                    .hasMessageContaining("exit status 7")
                    .hasMessageContaining("about to exit");
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void aChildOutOfMemoryFailsItsCall() throws Exception {
        var options = ProcessOptions.builder().maxHeap("64m").build();
        try (var pool = Pool.processes(1, options)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::fillMemory)))
                    .isInstanceOf(WorkerProcessDiedException.class)
                    .hasMessageContaining("OutOfMemoryError");
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    /// Not what the JDK itself uses to start processes.
    private static boolean isJava(ProcessHandle process) {
        return process.info().command().filter(path -> path.endsWith("/java")).isPresent();
    }

    /// Makes a file, so that a second run of the same call fails.
    static String once(String file, int length) throws IOException {
        Files.createFile(Path.of(file));
        return "x".repeat(length);
    }

    /// Children are killed at any moment, so also between calls, and while they write large
    /// results.
    @Test
    void whateverTheMomentOfAKillEachCallRunsOnceOrFailsWithItsChild() throws Exception {
        var seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        var calls = 1500;
        try (var pool = Pool.processes(2)) {
            var futures = new ArrayList<PoolFuture<String>>();
            for (var n = 0; n < calls; n++) {
                var length = random.nextInt(100) == 0 ? 3_000_000 : random.nextInt(200);
                futures.add(
                        pool.submit(
                                ProcessFaultsTest::once,
                                folder.resolve(Integer.toString(n)).toString(),
                                length));
            }
            var killed = 0;
            while (futures.stream().anyMatch(future -> !future.isDone())) {
                LockSupport.parkNanos(random.nextInt(150_000_000));
                var children =
                        ProcessHandle.current()
                                .children()
                                .filter(ProcessFaultsTest::isJava)
                                .toList();
                if (!children.isEmpty() && killed < 25) {
                    children.get(random.nextInt(children.size())).destroyForcibly();
                    killed++;
                }
            }

            var died = 0;
            for (var future : futures) {
                if (future.state() == Future.State.FAILED) {
                    assertThat(future.exceptionNow())
                            .as("seed %d", seed)
                            .isInstanceOf(WorkerProcessDiedException.class);
                    died++;
                }
            }
            assertThat(died).as("seed %d", seed).isLessThanOrEqualTo(killed);
        }
    }

    @Test
    void aResultOfOneGigabyteComesAsABufferOrFailsItsCallOnly() throws Exception {
        var size = 1 << 30;
        try (var pool = Pool.processes(1)) {
            var buffer = pool.submit(ByteBuffer::allocateDirect, size).get();
            assertThat(buffer.capacity()).isEqualTo(size);
            buffer.put(size - 1, (byte) 1);

            // The heap of this JVM is no larger than that.
            assertThat(failure(pool.submit(length -> new byte[length], size)))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessageContaining("ByteBuffer");
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void largeArraysAndBuffersPassBothWaysInsideOfOtherValues() throws Exception {
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        SerializableFunction.Of1<Map<String, byte[]>, List<byte[]>> swap =
                map -> List.of(map.getOrDefault("b", new byte[0]), map.getOrDefault("a", bytes));
        try (var pool = Pool.processes(1)) {
            var swapped = pool.submit(swap, Map.of("a", bytes, "b", new byte[] {1})).get();
            assertThat(swapped.get(0)).containsExactly(1);
            assertThat(swapped.get(1)).isEqualTo(bytes);

            var content = pool.submit(ByteBuffer::duplicate, ByteBuffer.wrap(bytes)).get();
            assertThat(content).isEqualTo(ByteBuffer.wrap(bytes));
        }
    }

    record Order(String name, List<Object> items) implements Serializable {}

    static String name(Order order) {
        return order.name();
    }

    @Test
    void anArgumentThatCannotBeSentFailsItsCallWithThePathToTheCulprit() throws Exception {
        var order = new Order("tea", List.of("leaves", Map.of("pot", new Object())));
        try (var pool = Pool.processes(1)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::name, order)))
                    .isInstanceOf(NotSerializableException.class)
                    .hasMessageContaining("argument 1: items[1][pot] is a java.lang.Object");
            var captured = new Object();
            assertThat(failure(pool.submit(() -> captured.hashCode())))
                    .isInstanceOf(NotSerializableException.class)
                    .hasMessageContaining("the value 1 that the lambda in")
                    .hasMessageContaining("java.lang.Object");
        }
    }

    static Order orderOfSecrets() {
        return new Order("secret", List.of(new Object()));
    }

    @Test
    void aResultThatCannotBeSentFailsItsCall() throws Exception {
        try (var pool = Pool.processes(1)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::orderOfSecrets)))
                    .isInstanceOf(NotSerializableException.class)
                    .hasMessageContaining("items[0] is a java.lang.Object");
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    /// Holds what cannot be sent.
    static final class StubbornException extends Exception {
        private final Object self = new Object();

        StubbornException() {
            super("cannot be sent");
        }

        Object self() {
            return self;
        }
    }

    static int throwStubborn() throws StubbornException {
        throw new StubbornException();
    }

    @Test
    void anExceptionThatCannotBeSentIsDescribed() throws Exception {
        try (var pool = Pool.processes(1)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::throwStubborn)))
                    .hasMessageContaining("StubbornException: cannot be sent")
                    .satisfies(e ->
                            assertThat(e.getStackTrace()[0].getMethodName())
                                    .isEqualTo("throwStubborn"));
        }
    }

    /// A class that this JVM has in a loader of its own, of which children know nothing.
    @Test
    void aClassThatIsMissingInTheChildFailsTheCall() throws Exception {
        var source = folder.resolve("Foreign.java");
        Files.writeString(source, "public class Foreign implements java.io.Serializable {}");
        var compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        assertThat(compiler.run(null, null, null, source.toString())).isZero();
        try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
                var pool = Pool.processes(1)) {
            var foreign = loader.loadClass("Foreign").getConstructor().newInstance();

            assertThat(failure(pool.submit(Object::toString, foreign)))
                    .isInstanceOf(ClassNotFoundException.class)
                    .hasMessageContaining("Foreign");
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void classesThatAreNotAllowedAreNotMade() throws Exception {
        var options =
                ProcessOptions.builder()
                        .allow(
                                "dev.muster.parallel.ProcessFaultsTest",
                                "dev.muster.parallel.wire.*")
                        .build();
        try (var pool = Pool.processes(1, options)) {
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
            assertThat(failure(pool.submit(ProcessFaultsTest::name, new Order("x", List.of()))))
                    .hasMessageContaining("ProcessFaultsTest$Order");
        }
    }

    @Test
    void childrenAreReplacedAfterSoManyCalls() throws Exception {
        var options = ProcessOptions.builder().maxTasksPerChild(10).build();
        try (var pool = Pool.processes(1, options)) {
            var futures = new ArrayList<PoolFuture<Long>>();
            for (var n = 0; n < 35; n++) {
                futures.add(pool.submit(ProcessFaultsTest::pid));
            }
            var counts = new LinkedHashMap<Long, Integer>();
            for (var future : futures) {
                counts.merge(future.get(), 1, Integer::sum);
            }
            assertThat(counts.values()).containsExactly(10, 10, 10, 5);
        }
    }

    static long leak(int bytes) {
        var leaked = ByteBuffer.allocateDirect(bytes);
        for (var at = 0; at < bytes; at += 1024) {
            leaked.put(at, (byte) 1);
        }
        KEPT.add(leaked);
        return pid();
    }

    @Test
    void aChildThatHasTooMuchMemoryIsReplaced() throws Exception {
        var options = ProcessOptions.builder().maxMemoryPerChild(300_000_000).build();
        try (var pool = Pool.processes(1, options)) {
            var small = pool.submit(ProcessFaultsTest::leak, 1_000).get();
            var large = pool.submit(ProcessFaultsTest::leak, 350_000_000).get();
            assertThat(large).isEqualTo(small);
            assertThat(pool.submit(ProcessFaultsTest::pid).get()).isNotEqualTo(small);
        }
    }

    private static @Nullable String greeting;

    static @Nullable String greeting() {
        return greeting;
    }

    static String surroundings() {
        return System.getenv("MUSTER_TEST_COLOUR")
                + " "
                + System.getProperty("colour")
                + " "
                + Path.of("").toAbsolutePath();
    }

    @Test
    void childrenAreStartedAsToldAndInitialized() throws Exception {
        var options =
                ProcessOptions.builder()
                        .initializer(() -> greeting = "hello")
                        .environment("MUSTER_TEST_COLOUR", "green")
                        .jvmOptions("-Dcolour=red")
                        .workingDirectory(folder)
                        .build();
        try (var pool = Pool.processes(1, options)) {
            assertThat(pool.submit(ProcessFaultsTest::greeting).get()).isEqualTo("hello");
            assertThat(pool.submit(ProcessFaultsTest::surroundings).get())
                    .isEqualTo("green red " + folder.toRealPath());
        }
    }

    @Test
    void anInitializerThatFailsBreaksThePool() throws Exception {
        var options =
                ProcessOptions.builder()
                        .initializer(() -> {
                            throw new IOException("no licence");
                        })
                        .build();
        try (var pool = Pool.processes(2, options)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::increment, 1)))
                    .isInstanceOf(PoolBrokenException.class)
                    .hasMessageContaining("initializer")
                    .cause()
                    .hasMessage("no licence");
            assertThat(failure(pool.submit(ProcessFaultsTest::increment, 1)))
                    .isInstanceOf(PoolBrokenException.class);
        }
    }

    @Test
    void optionsThatNoJvmTakesBreakThePoolWithItsWords() throws Exception {
        var options = ProcessOptions.builder().jvmOptions("-XX:+NoSuchOption").build();
        try (var pool = Pool.processes(1, options)) {
            assertThat(failure(pool.submit(ProcessFaultsTest::increment, 1)))
                    .isInstanceOf(PoolBrokenException.class)
                    .hasMessageContaining("NoSuchOption");
        }
    }

    @Test
    void printedLinesComeWithTheNameOfTheirChild() throws Exception {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        var options =
                ProcessOptions.builder()
                        .name("printer")
                        .output((child, isError, line) -> lines.add(child + isError + line))
                        .build();
        try (var pool = Pool.processes(1, options)) {
            pool.run(() -> System.out.println("to be read")).get();
            pool.run(() -> System.err.println("to be feared")).get();
        }
        assertThat(lines).contains("printer 1falseto be read", "printer 1trueto be feared");
    }

    static String endSlowly(String started, String file) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LockSupport.parkNanos(300_000_000)));
        return PoolContract.waitFor(started, file);
    }

    /// Its last result waits for a moment to be sent together with others, while it ends already.
    @Test
    void aChildThatTakesItsTimeToEndDoesNotComplain() throws Exception {
        var lines = Collections.synchronizedList(new ArrayList<String>());
        var options = ProcessOptions.builder().output((_, _, line) -> lines.add(line)).build();
        var end = folder.resolve("may end");
        try (var pool = Pool.processes(2, options)) {
            var calls = new ArrayList<PoolFuture<String>>();
            for (var started : List.of(folder.resolve("one runs"), folder.resolve("two runs"))) {
                calls.add(
                        pool.submit(
                                ProcessFaultsTest::endSlowly, started.toString(), end.toString()));
                await().atMost(LIMIT).until(() -> Files.exists(started));
            }
            pool.resize(1);
            Files.createFile(end);

            for (var call : calls) {
                assertThat(call.get()).isEqualTo(end.toString());
            }
        }
        assertThat(lines).isEmpty();
    }

    /// Run in a JVM of its own: a pool whose calls hang.
    static final class Parent {
        private Parent() {}

        public static void main(String[] files) throws Exception {
            var pool = Pool.processes(files.length);
            for (var file : files) {
                var _ = pool.run(ProcessFaultsTest::hang, file);
            }
            new CountDownLatch(1).await();
        }
    }

    @Test
    void childrenEndWithAParentThatIsKilled() throws Exception {
        var parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Parent.class.getName(),
                                folder.resolve("first").toString(),
                                folder.resolve("second").toString())
                        .inheritIO()
                        .start();
        try {
            var children = List.of(awaitPid("first"), awaitPid("second"));

            parent.destroyForcibly().waitFor();

            await().atMost(LIMIT)
                    .until(() ->
                            children.stream().allMatch(pid -> ProcessHandle.of(pid).isEmpty()));
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aShortCallDoesNotWaitBehindALongOne() throws Exception {
        try (var pool = Pool.processes(2)) {
            // Short calls make the pool send ahead.
            pool.map(ProcessFaultsTest::increment, IntStream.range(0, 5000).boxed().toList());

            var hanging = pool.run(ProcessFaultsTest::hang, folder.resolve("pid").toString());
            var quick =
                    IntStream.range(0, 200)
                            .mapToObj(n -> pool.submit(ProcessFaultsTest::increment, n))
                            .toList();

            for (var future : quick) {
                assertThat(future.get(60, TimeUnit.SECONDS)).isPositive();
            }
            assertThat(hanging.isDone()).isFalse();
            hanging.cancel(true);
        }
    }

    static String shoutAndSpin(String file) throws IOException {
        Files.writeString(Path.of(file), "");
        while (true) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallThatNeverLooksAtInterruptsIsEndedByItsTimeLimit() throws Exception {
        try (var pool = Pool.processes(1)) {
            var spinning =
                    pool.withTimeout(Duration.ofMillis(300))
                            .submit(
                                    ProcessFaultsTest::shoutAndSpin,
                                    folder.resolve("spins").toString());
            var next = pool.submit(ProcessFaultsTest::increment, 1);

            assertThat(failure(spinning)).isInstanceOf(CallTimeoutException.class);
            assertThat(next.get()).isEqualTo(2);
        }
    }

    @Test
    void garbageThatAChildWritesToItsStreamsHarmsNothing() throws Exception {
        try (var pool = Pool.processes(1)) {
            pool.run(() -> System.out.write(new byte[] {0, 1, -1, -2, 10, 13, 27})).get();
            assertThat(pool.submit(ProcessFaultsTest::increment, 1).get()).isEqualTo(2);
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        var shared = Path.of("/dev/shm");
        var mine = "muster-%d-".formatted(pid());
        try (var pool = Pool.processes(1)) {
            pool.submit(bytes -> bytes, new byte[1_000_000]).get();
        }
        try (var left = Files.newDirectoryStream(shared, mine + "*")) {
            assertThat(left).isEmpty();
        }
        assertThatThrownBy(() -> Pool.processes(0)).isInstanceOf(IllegalArgumentException.class);
    }

    static int pause(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
        return millis;
    }

    @Test
    void aCallerThatIsInterruptedDoesNotHarmTheCallsOfOthers() throws Exception {
        try (var pool = Pool.processes(1)) {
            // To a child whose calls are short the next one is sent while one runs.
            for (var number = 0; number < 100; number++) {
                assertThat(pool.submit(ProcessFaultsTest::increment, number).get())
                        .isEqualTo(number + 1);
            }
            var first = pool.submit(ProcessFaultsTest::pause, 1_000);
            await().atMost(LIMIT).until(first::isRunning);

            Thread.currentThread().interrupt();
            var second = pool.submit(ProcessFaultsTest::increment, 1);
            assertThat(Thread.interrupted()).isTrue();

            assertThat(first.get()).isEqualTo(1_000);
            assertThat(second.get()).isEqualTo(2);
        }
    }
}
