package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Signature;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a durable broker and result store owe their users: a task that was accepted is done,
/// although workers are killed, servers restart and strangers send garbage. Extend it once for each
/// durable broker.
@Timeout(300)
public abstract class NothingLostContract {
    /// Long enough that only a lost task lets it pass.
    protected static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int LATE_TASKS = 500;
    private static final int CHORDS = 40;
    private static final int CHORD_MEMBERS = 20;
    private static final int HOSTILE = 1_000;
    private static final int GOOD = 200;
    private static final int TOO_LARGE = 100 << 20;
    private static final Pattern REFUSAL = Pattern.compile("message refused.*?\\b(bad-\\d+)\\b");

    private final String queue = "lost-" + UUID.randomUUID();

    /// Broker, result store and options; what a killed worker held should be given to others after
    /// few seconds.
    protected abstract Map<String, Object> settings();

    private Muster open() {
        return Muster.builder()
                .settings(Settings.DEFAULT.withAll(allSettings()))
                .tasks(NothingLostTasks.class)
                .build();
    }

    private Map<String, Object> allSettings() {
        var all = new LinkedHashMap<>(settings());
        all.put("task_default_queue", queue);
        return all;
    }

    private WorkerProcess.Options worker() {
        return WorkerProcess.Options.of(allSettings(), NothingLostTasks.class, queue);
    }

    @Test
    void whatIsForLaterIsDoneInTimeThoughTheWorkerIsKilled() {
        try (var muster = open();
                var first = WorkerProcess.start(worker())) {
            awaitBrokerTakesMessages(muster);
            var due = Instant.now().plusSeconds(4);
            var results =
                    muster.sendAll(
                            IntStream.range(0, LATE_TASKS)
                                    .mapToObj(
                                            number -> call(NothingLostTasks::late, number).eta(due))
                                    .toList());
            first.kill();
            assertThat(results).noneMatch(result -> result.state().isReady());

            try (var _ = WorkerProcess.start(worker())) {
                for (var number = 0; number < LATE_TASKS; number++) {
                    assertThat(results.get(number).get(PATIENCE)).isEqualTo(number);
                }
            }
            var firstDone =
                    results.stream()
                            .map(result -> muster.resultRecord(result.id()).orElseThrow())
                            .map(done -> Objects.requireNonNull(done.dateDone()))
                            .min(Comparator.naturalOrder())
                            .orElseThrow();
            assertThat(firstDone).isAfterOrEqualTo(due);
        }
    }

    @Test
    void aKilledWorkersTasksAreDoneByAnother(@TempDir Path folder) throws Exception {
        var gate = folder.resolve("gate");
        try (var muster = open();
                var first = WorkerProcess.start(worker())) {
            var done = new AtomicInteger();
            awaitBrokerTakesMessages(muster);
            var results =
                    muster.sendAll(
                            IntStream.range(0, LATE_TASKS)
                                    .mapToObj(number ->
                                            number < LATE_TASKS / 2
                                                    ? call(NothingLostTasks::late, number)
                                                    : call(
                                                            NothingLostTasks::gated,
                                                            number,
                                                            gate.toString()))
                                    .toList());
            var futures = results.stream().map(Result::toCompletableFuture).toList();
            for (var future : futures) {
                var _ = future.thenRun(done::incrementAndGet);
            }

            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> done.get() >= LATE_TASKS / 5);
            first.kill();
            assertThat(done).as("it was killed in the middle").hasValueLessThan(LATE_TASKS);
            Files.createFile(gate);

            try (var _ = WorkerProcess.start(worker())) {
                for (var number = 0; number < LATE_TASKS; number++) {
                    assertThat(results.get(number).get(PATIENCE)).isEqualTo(number);
                }
                // What the first had done but not acknowledged runs again; so the results are
                // there before the queue is empty.
                Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            }
        }
    }

    /// An early acknowledgement may not have left the worker when it dies, but comes first the next
    /// time.
    @Test
    void aTaskThatKillsItsWorkerAtOnceDoesNotComeForEver(@TempDir Path folder) throws Exception {
        var runs = folder.resolve("runs");
        try (var muster = open()) {
            muster.send(call(NothingLostTasks::fatal, runs.toString()));
            for (var life = 0; life < 2; life++) {
                try (var worker = WorkerProcess.start(worker())) {
                    if (life > 0) {
                        // It is done after whatever has come again.
                        var other = muster.send(call(NothingLostTasks::early, life));
                        Awaitility.await()
                                .atMost(PATIENCE)
                                .until(() -> !worker.isRunning() || other.state().isReady());
                    } else {
                        Awaitility.await().atMost(PATIENCE).until(() -> !worker.isRunning());
                    }
                }
            }
            try (var worker = WorkerProcess.start(worker())) {
                assertThat(muster.send(call(NothingLostTasks::early, 3)).get(PATIENCE))
                        .isEqualTo(3);
                assertThat(worker.isRunning()).isTrue();
            }
        }
        assertThat(Files.readAllLines(runs)).hasSizeBetween(1, 2);
    }

    /// Kubernetes, systemd and supervisord end a process with SIGTERM.
    @Test
    void aWorkerThatIsToldToEndLosesNothingThatRunsWaitsOrIsForLater() {
        try (var muster = open();
                var first = WorkerProcess.start(worker())) {
            awaitBrokerTakesMessages(muster);
            var now = Instant.now();
            var calls = new ArrayList<Signature<Integer>>();
            for (var number = 0; number < LATE_TASKS / 5; number++) {
                // Those that are due soonest are held by the worker, others by most brokers.
                var eta = now.plusMillis(500 + number * 40L);
                calls.add(call(NothingLostTasks::late, number).eta(eta));
                calls.add(call(NothingLostTasks::again, number));
                calls.add(call(NothingLostTasks::late, number));
                calls.add(call(NothingLostTasks::early, number));
            }
            var results = muster.sendAll(calls);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> results.get(7).state().isReady());
            first.stop();
            assertThat(results)
                    .as("it ended in the middle")
                    .anyMatch(result -> !result.state().isReady());

            try (var _ = WorkerProcess.start(worker())) {
                for (var index = 0; index < results.size(); index++) {
                    assertThat(results.get(index).get(PATIENCE)).isEqualTo(index / 4);
                }
                Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            }
        }
    }

    @Test
    void theChordsOfAKilledWorkerAreCompletedByAnother() {
        try (var muster = open();
                var first = WorkerProcess.start(worker())) {
            awaitBrokerTakesMessages(muster);
            var header =
                    group(
                            IntStream.range(0, CHORD_MEMBERS)
                                    .mapToObj(number -> call(NothingLostTasks::late, number)));
            var chords = Collections.nCopies(CHORDS / 2, header.then(NothingLostTasks::sum));
            var results = new ArrayList<>(muster.sendAll(chords));
            var middle = muster.send(call(NothingLostTasks::late, -1));
            results.addAll(muster.sendAll(chords));

            middle.get(PATIENCE);
            first.kill();
            assertThat(results.getLast().state().isReady()).as("killed in the middle").isFalse();

            try (var _ = WorkerProcess.start(worker())) {
                for (var result : results) {
                    assertThat(result.get(PATIENCE))
                            .isEqualTo(CHORD_MEMBERS * (CHORD_MEMBERS - 1) / 2);
                }
            }
        }
    }

    /// A broker may refuse for a while to take more, when it is low on memory.
    private static void awaitBrokerTakesMessages(Muster muster) {
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreException(BrokerException.class)
                .until(() -> {
                    muster.send(call(NothingLostTasks::early, -1));
                    return true;
                });
    }

    /// Sends while `disturbances` happen, and finds a result for all that was accepted.
    protected final void nothingIsLostWhile(List<Runnable> disturbances) {
        try (var muster = open();
                var process = WorkerProcess.start(worker())) {
            var accepted = new ConcurrentLinkedQueue<Result<Integer>>();
            var refused = new AtomicInteger();
            var number = new AtomicInteger();
            try (var clients = Executors.newScheduledThreadPool(2)) {
                for (var client = 0; client < 2; client++) {
                    var _ =
                            clients.scheduleWithFixedDelay(
                                    () -> send(muster, number.getAndIncrement(), accepted, refused),
                                    0,
                                    20,
                                    TimeUnit.MILLISECONDS);
                }
                for (var disturbance : disturbances) {
                    awaitMore(accepted);
                    disturbance.run();
                }
                awaitMore(accepted);
                clients.shutdownNow();
            }

            for (var result : accepted) {
                assertThat(result.get(PATIENCE)).isNotNull();
            }
            assertThat(process.isRunning()).isTrue();
        }
    }

    private static void awaitMore(ConcurrentLinkedQueue<?> accepted) {
        var now = accepted.size();
        Awaitility.await().atMost(PATIENCE).until(() -> accepted.size() > now + 20);
    }

    private static void send(
            Muster muster,
            int number,
            ConcurrentLinkedQueue<Result<Integer>> accepted,
            AtomicInteger refused) {
        try {
            accepted.add(
                    muster.send(
                            number % 2 == 0
                                    ? call(NothingLostTasks::late, number)
                                    : call(NothingLostTasks::early, number)));
        } catch (BrokerException e) {
            refused.incrementAndGet(); // it was told, so it knows that it must send again
        }
    }

    @Test
    void hostileMessagesHarmNobody() {
        var target = Queue.named(queue);
        var refusable = new ArrayList<String>();
        try (var muster = open();
                var broker = RawBroker.open(allSettings());
                var process = WorkerProcess.start(worker().withHeapMegabytes(512))) {
            broker.declare(target);
            var hostile = new HostileMessages(42, "lost.late");
            var results = new ArrayList<Result<Integer>>();
            var bad = hostile.some(HOSTILE);
            for (var index = 0; index < bad.size(); index++) {
                if (index % (HOSTILE / GOOD) == 0) {
                    results.add(muster.send(call(NothingLostTasks::late, results.size())));
                }
                publish(broker, bad.get(index), refusable);
            }
            // A transport need not read more of it than its length.
            publish(broker, hostile.large(TOO_LARGE), new ArrayList<>());
            awaitBrokerTakesMessages(muster);
            results.add(muster.send(call(NothingLostTasks::late, results.size())));

            for (var number = 0; number < results.size(); number++) {
                assertThat(results.get(number).get(PATIENCE)).isEqualTo(number);
            }
            Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(refusals(process.log()).keySet()).containsAll(refusable));
            assertThat(process.isRunning()).isTrue();
            process.stop();
            assertThat(refusals(process.log()).values()).as("log lines of each").containsOnly(1);
            assertThat(process.log().lines().filter(line -> line.contains("message_max_bytes")))
                    .as("log lines of the one that is too large")
                    .hasSize(1);
            assertThat(muster.queueLength(queue)).as("nothing was left unsettled").isZero();
        }
    }

    private void publish(Broker broker, Message message, List<String> published) {
        try {
            broker.publish(List.of(new Publication("", queue, message)));
            published.add(String.valueOf(message.properties().correlationId()));
        } catch (BrokerException e) {
            if (e.isTransient()) {
                throw e;
            }
            // The transport cannot carry it: it harms nobody.
        }
    }

    private static Map<String, Integer> refusals(String log) {
        var refusals = new TreeMap<String, Integer>();
        log.lines()
                .forEach(line -> {
                    var matcher = REFUSAL.matcher(line);
                    if (matcher.find()) {
                        refusals.merge(matcher.group(1), 1, Integer::sum);
                    }
                });
        return refusals;
    }
}
