package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A quarter of an hour of trouble, and then the account: every task that `send` accepted has ended
/// as it must, although workers were killed and stopped, servers restarted and connections cut.
/// Extend it once for each durable broker. Runs with `./test --soak` only.
///
/// The system property `soak.minutes` makes it longer or shorter, and `soak.seed` repeats the
/// faults of another run. What happened is printed.
@Tag("soak")
@Timeout(value = 6, unit = TimeUnit.HOURS)
public abstract class FaultCampaignContract {
    private static final Duration LENGTH =
            Duration.ofMinutes(Integer.getInteger("soak.minutes", 15));

    /// For the first result after all is well again. The others are soon there then.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int CLIENTS = 2;
    private static final int WORKERS = 2;
    private static final int CHORD_MEMBERS = 5;
    private static final int PAUSE_MILLIS = 20;

    private final long seed = Long.getLong("soak.seed", new Random().nextLong());
    private final String queue = "campaign-" + UUID.randomUUID();

    @TempDir private Path folder;

    /// Broker, result store and options; what a killed worker held should be given to others after
    /// few seconds.
    protected abstract Map<String, Object> settings();

    /// What else can happen besides what happens to workers. Each leaves all well.
    protected abstract List<Fault> faults();

    /// Something that goes wrong for a while.
    ///
    /// @param name for the report
    protected record Fault(String name, Runnable action) {
        /// A network that fails in all the ways a [TcpProxy] knows.
        public static List<Fault> of(TcpProxy network) {
            return List.of(
                    new Fault("connections cut", network::cut),
                    new Fault("network hangs", () -> whileOn(network::pause, network::resume)),
                    new Fault(
                            "network slow",
                            () ->
                                    whileOn(
                                            () -> network.delay(Duration.ofMillis(100)),
                                            () -> network.delay(Duration.ZERO))),
                    new Fault(
                            "no new connections",
                            () ->
                                    whileOn(
                                            () -> {
                                                network.refuse();
                                                network.cut();
                                            },
                                            network::accept)));
        }

        /// A server that is restarted, and one that is killed.
        public static List<Fault> of(Server server) {
            return List.of(
                    new Fault("server restarted", server::restart),
                    new Fault("server killed", () -> whileOn(server::kill, server::start)));
        }

        private static void whileOn(Runnable begin, Runnable end) {
            begin.run();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(4));
            end.run();
        }
    }

    /// A task or workflow that was accepted.
    ///
    /// @param value what it returns; empty when it fails
    private record Accepted(int number, Result<Integer> result, Optional<Integer> value) {}

    /// What clients do, from the first fault to the last.
    private static final class Load implements AutoCloseable {
        private final Muster muster;
        private final String runs;
        private final ConcurrentLinkedQueue<Accepted> accepted = new ConcurrentLinkedQueue<>();
        private final AtomicInteger refused = new AtomicInteger();
        private final ConcurrentLinkedQueue<RuntimeException> defects =
                new ConcurrentLinkedQueue<>();
        private final AtomicInteger numbers = new AtomicInteger();
        private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(CLIENTS);

        Load(Muster muster, Path runs) {
            this.muster = muster;
            this.runs = runs.toString();
            for (var client = 0; client < CLIENTS; client++) {
                var _ =
                        clients.scheduleWithFixedDelay(
                                this::send, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        private void send() {
            var number = numbers.incrementAndGet();
            try {
                accepted.add(send(number));
            } catch (BrokerException | ResultStoreException e) {
                refused.incrementAndGet(); // it was told, so it knows that it must send again
            } catch (RuntimeException e) { // which would end this client
                defects.add(e);
            }
        }

        private Accepted send(int number) {
            var call = call(FaultCampaignTasks::number, number, runs);
            return switch (number % 6) {
                case 0 -> accepted(number, muster.send(call), number);
                case 1 ->
                        accepted(
                                number,
                                muster.send(call.then(FaultCampaignTasks::increment)),
                                number + 1);
                case 2 ->
                        accepted(
                                number,
                                muster.send(
                                        group(IntStream.range(0, CHORD_MEMBERS).mapToObj(_ -> call))
                                                .then(FaultCampaignTasks::sum)),
                                CHORD_MEMBERS * number);
                case 3 ->
                        accepted(
                                number,
                                muster.send(call(FaultCampaignTasks::stubborn, number, runs)),
                                number);
                case 4 ->
                        accepted(
                                number,
                                muster.send(call.countdown(Duration.ofSeconds(number % 5))),
                                number);
                default ->
                        new Accepted(
                                number,
                                muster.send(call(FaultCampaignTasks::failing, number, runs)),
                                Optional.empty());
            };
        }

        private static Accepted accepted(int number, Result<Integer> result, int value) {
            return new Accepted(number, result, Optional.of(value));
        }

        /// Sends no more.
        @Override
        public void close() {
            clients.close();
        }
    }

    /// The workers, of which each is replaced when something has happened to it.
    private static final class Fleet implements AutoCloseable {
        private final WorkerProcess.Options options;
        private final List<WorkerProcess> workers = new ArrayList<>();

        Fleet(WorkerProcess.Options options) {
            this.options = options;
            IntStream.range(0, WORKERS).forEach(_ -> workers.add(WorkerProcess.start(options)));
        }

        List<Fault> faults() {
            return List.of(
                    new Fault(
                            "worker killed",
                            () -> {
                                workers.getFirst().kill();
                                replaceFirst();
                            }),
                    new Fault(
                            "worker ended",
                            () -> {
                                workers.getFirst().stop();
                                replaceFirst();
                            }),
                    new Fault(
                            "worker hangs",
                            () ->
                                    Fault.whileOn(
                                            workers.getFirst()::suspend,
                                            workers.getFirst()::resume)));
        }

        /// The other worker is the first then.
        private void replaceFirst() {
            workers.removeFirst().close();
            workers.addLast(WorkerProcess.start(options));
        }

        @Override
        public void close() {
            workers.forEach(WorkerProcess::close);
        }
    }

    @Test
    void everyAcceptedTaskIsAccountedFor() throws IOException {
        var settings = new LinkedHashMap<>(settings());
        settings.put("task_default_queue", queue);
        var runs = folder.resolve("runs");
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT.withAll(settings))
                                .tasks(FaultCampaignTasks.class)
                                .build();
                var fleet =
                        new Fleet(
                                WorkerProcess.Options.of(
                                        settings, FaultCampaignTasks.class, queue))) {
            var load = new Load(muster, runs);
            Map<String, Integer> happened;
            try (load) {
                happened = trouble(fleet);
            }
            print(muster, load, happened);
            assertThat(load.defects).isEmpty();

            for (var accepted : load.accepted) {
                assertThat(outcome(accepted.result))
                        .as("number %d, task %s", accepted.number, accepted.result.id())
                        .isEqualTo(accepted.value);
            }
            printRuns(load, runs);
        }
    }

    /// @return how often what has happened
    private Map<String, Integer> trouble(Fleet fleet) {
        var random = new Random(seed);
        var faults = new ArrayList<>(fleet.faults());
        faults.addAll(faults());
        var happened = new TreeMap<String, Integer>();
        var end = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(5_000)));
            var fault = faults.get(random.nextInt(faults.size()));
            fault.action.run();
            happened.merge(fault.name, 1, Integer::sum);
        }
        return happened;
    }

    private static Optional<Integer> outcome(Result<Integer> result) {
        try {
            return Optional.of(Objects.requireNonNull(result.get(PATIENCE)));
        } catch (TaskFailedException e) {
            assertThat(e).hasMessageContaining("number ");
            return Optional.empty();
        }
    }

    private void print(Muster muster, Load load, Map<String, Integer> happened) {
        IO.println(
                "%s: %,d accepted, %,d refused in %d min (-Dsoak.seed=%d); %s"
                        .formatted(
                                muster.brokerDescription(),
                                load.accepted.size(),
                                load.refused.get(),
                                LENGTH.toMinutes(),
                                seed,
                                happened));
    }

    /// Numbers whose first task has run more often than it was to: killed or paused workers do that
    /// to late acknowledgement.
    private static void printRuns(Load load, Path runs) throws IOException {
        Map<String, Long> counts;
        try (var lines = Files.lines(runs)) {
            counts =
                    lines.collect(
                            Collectors.groupingBy(Function.identity(), Collectors.counting()));
        }
        var again =
                load.accepted.stream()
                        .filter(accepted ->
                                counts.getOrDefault(Integer.toString(accepted.number), 0L)
                                        > timesToRun(accepted.number))
                        .count();
        IO.println("all accounted for; %,d ran more than once".formatted(again));
    }

    private static int timesToRun(int number) {
        return switch (number % 6) {
            case 2 -> CHORD_MEMBERS;
            case 3 -> 3;
            default -> 1;
        };
    }
}
