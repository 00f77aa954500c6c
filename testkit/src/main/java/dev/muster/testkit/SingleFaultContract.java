package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The faults of a [FaultCampaignContract] that leave a broker running, one at a time: what is told
/// while they last, and that work goes on afterwards. Extend it once for each durable broker; a
/// server's extend [ServerFaultContract].
@Timeout(300)
public abstract class SingleFaultContract {
    /// Long enough that only a lost task lets it pass.
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int TASKS = 20;

    /// More than a worker has slots, so that some wait behind the others.
    private static final int SLOW_TASKS = 6;

    /// So that a disk without space is noticed with few messages.
    private static final String PADDING = "x".repeat(50_000);

    private static final int MOST_PADDED = 2_000;

    private final String queue = "fault-" + UUID.randomUUID();
    private final Tasks tasks = new Tasks();

    @TempDir private Path folder;

    /// Broker, result store and options; a lease, where the broker has them, of two seconds.
    protected abstract Map<String, Object> settings();

    /// The disk that broker and result store write to, opened for one test.
    protected abstract FullDisk disk();

    /// A broker on a disk that runs out of space.
    protected abstract static class FullDisk implements AutoCloseable {
        protected final SmallDisk disk = SmallDisk.open();

        /// Broker and result store, as [SingleFaultContract#settings()].
        protected abstract Map<String, Object> settings();

        /// A word of the message that a sender gets while the disk is full.
        protected abstract String reason();

        /// Returns when the broker takes no messages any more, or will find that out with the next.
        protected void fill() {
            disk.fill();
        }

        protected void free() {
            disk.free();
        }

        @Override
        public void close() {
            disk.close();
        }
    }

    /// What the worker of a test runs.
    static final class Tasks {
        private final Map<Integer, Integer> runs = new ConcurrentHashMap<>();

        @Task(name = "fault.number", acksLate = Task.Toggle.ON)
        int number(int number) {
            runs.merge(number, 1, Integer::sum);
            return number;
        }

        @Task(name = "fault.padded", acksLate = Task.Toggle.ON)
        int padded(int number, String padding) {
            return number(number);
        }

        @Task(name = "fault.slow", acksLate = Task.Toggle.ON)
        int slow(int number, int millis) throws InterruptedException {
            runs.merge(number, 1, Integer::sum);
            TimeUnit.MILLISECONDS.sleep(millis);
            return number;
        }

        @Task(name = "fault.sum", acksLate = Task.Toggle.ON)
        int sum(List<Integer> numbers) {
            return numbers.stream().mapToInt(number -> number).sum();
        }

        /// How often that has run.
        int runs(int number) {
            return runs.getOrDefault(number, 0);
        }
    }

    final Tasks tasks() {
        return tasks;
    }

    final Muster open() {
        return open(settings(), InstantSource.system());
    }

    private Muster open(Map<String, Object> settings, InstantSource clock) {
        return Muster.builder()
                .settings(Settings.DEFAULT.withAll(withQueue(settings)))
                .register(tasks)
                .clock(clock)
                .build();
    }

    private Map<String, Object> withQueue(Map<String, Object> settings) {
        var all = new LinkedHashMap<>(settings);
        all.put("task_default_queue", queue);
        return all;
    }

    final Worker work(Muster muster) {
        var worker = muster.worker().queues(queue).concurrency(4).start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
        return worker;
    }

    final List<Result<Integer>> send(Muster muster, int from) {
        return IntStream.range(from, from + TASKS)
                .mapToObj(number -> awaitAccepted(muster, number))
                .toList();
    }

    /// Sends again until it is accepted.
    final Result<Integer> awaitAccepted(Muster muster, int number) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsMatching(SingleFaultContract::isTransient)
                .until(() -> muster.send(call(tasks::number, number)), _ -> true);
    }

    /// Whether a sender was told that it may try again.
    static boolean isTransient(Throwable failure) {
        return failure instanceof ResultStoreException
                || (failure instanceof BrokerException broker && broker.isTransient());
    }

    final void assertDone(List<Result<Integer>> results, int from) {
        for (var index = 0; index < results.size(); index++) {
            assertThat(results.get(index).get(PATIENCE)).isEqualTo(from + index);
        }
    }

    @Test
    void aFullDiskIsSaidWhenATaskIsSentAndLosesNothing() {
        try (var disk = disk();
                var muster = open(disk.settings(), InstantSource.system())) {
            var accepted = new ArrayList<>(send(muster, 0));
            try (var _ = work(muster)) {
                assertDone(accepted, 0);

                disk.fill();
                var refusal = sendUntilRefused(muster, accepted);
                assertThat(refusal).hasMessageContaining(disk.reason());
                assertThat(refusal.isTransient()).as("may pass: %s", refusal).isTrue();

                disk.free();
                accepted.add(awaitAccepted(muster, accepted.size()));
                assertDone(accepted, 0);
                Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            }
        }
    }

    private BrokerException sendUntilRefused(Muster muster, List<Result<Integer>> accepted) {
        for (var attempt = 0; attempt < MOST_PADDED; attempt++) {
            try {
                accepted.add(muster.send(call(tasks::padded, accepted.size(), PADDING)));
            } catch (BrokerException e) {
                return e;
            }
        }
        throw new AssertionError("all were accepted on a full disk");
    }

    @Test
    void messagesThatAreThereTwiceGiveOneResult() {
        try (var muster = open()) {
            var header = IntStream.range(0, TASKS).mapToObj(number -> call(tasks::number, number));
            var chord = muster.send(group(header).then(tasks::sum));
            var chain = muster.send(call(tasks::number, TASKS).then(tasks::number));
            var doubled = new HashSet<String>();
            try (var broker = RawBroker.open(withQueue(settings()))) {
                RawBroker.multiply(
                        broker, queue, TASKS + 1, 2, Duration.ofSeconds(2), doubled::add);
            }
            assertThat(doubled).hasSize(TASKS + 1);

            try (var _ = work(muster)) {
                assertThat(chord.get(PATIENCE)).isEqualTo(TASKS * (TASKS - 1) / 2);
                assertThat(chain.get(PATIENCE)).isEqualTo(TASKS);
                Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            }
            assertThat(chord.get(PATIENCE)).isEqualTo(TASKS * (TASKS - 1) / 2);
            assertThat(IntStream.range(0, TASKS)).allMatch(number -> tasks.runs(number) == 2);
        }
    }

    /// Its lease is renewed, and so is that of what waits behind it.
    @Test
    void aTaskOfManyLeasesRunsOnce() {
        try (var muster = open();
                var other = open();
                var _ = work(muster)) {
            var results =
                    IntStream.range(0, SLOW_TASKS)
                            .mapToObj(number -> muster.send(call(tasks::slow, number, 3_000)))
                            .toList();
            Awaitility.await().atMost(PATIENCE).until(() -> tasks.runs(0) == 1);
            try (var _ = work(other)) {
                assertDone(results, 0);
            }
            assertThat(IntStream.range(0, SLOW_TASKS)).allMatch(number -> tasks.runs(number) == 1);
        }
    }

    @Test
    void whatWasSentWhileAWorkersClockWasWrongIsDoneWhenItIsRight() {
        var file = folder.resolve("clock");
        try (var muster = open();
                var other = open(settings(), ProcessClock.open(file));
                var _ = work(other)) {
            var results = new ArrayList<Result<Integer>>();
            for (var ahead : List.of(Duration.ofHours(-1), Duration.ofHours(1))) {
                ProcessClock.set(file, ahead);
                results.add(muster.send(call(tasks::number, results.size())));
                results.add(
                        muster.send(
                                call(tasks::number, results.size())
                                        .countdown(Duration.ofSeconds(2))));
                results.getFirst().get(PATIENCE);
                ProcessClock.set(file, Duration.ZERO);
                results.add(muster.send(call(tasks::number, results.size())));
                results.getLast().get(PATIENCE);
            }
            assertDone(results, 0);
        }
    }
}
