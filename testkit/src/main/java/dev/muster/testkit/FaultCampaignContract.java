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
import dev.muster.testkit.FaultLedger.Affected;
import dev.muster.testkit.FaultLedger.Reason;
import dev.muster.testkit.TcpProxy.Direction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A quarter of an hour of trouble, and then the account: every task that `send` accepted has ended
/// as it must, although workers were killed and stopped, servers restarted, connections cut, disks
/// full and clocks wrong. What ran more than once did so for a reason that the
/// [ledger][FaultLedger] knows. Extend it once for each durable broker. Runs with `./test --soak`
/// only.
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

    /// One of so many tasks takes far longer than the others.
    private static final int SLOW_IN = 150;

    private static final int DOUBLED = 20;

    private final long seed = Long.getLong("soak.seed", new Random().nextLong());
    private final String queue = "campaign-" + UUID.randomUUID();

    @TempDir private Path folder;

    /// Broker, result store and options; what a killed worker held should be given to others after
    /// few seconds.
    protected abstract Map<String, Object> settings();

    /// What else can happen besides what happens to workers. Each leaves all well.
    protected abstract List<Fault> faults();

    /// Whether all processes run on one machine, so that their clocks are one.
    protected boolean isOneMachine() {
        return false;
    }

    /// Something that goes wrong for a while.
    ///
    /// @param name for the report
    /// @param reason why tasks may run twice because of it; null where they must not
    /// @param effect how long after its end it may still have them do so
    /// @param action that brings it about and ends it, and tells whom it has concerned
    protected record Fault(
            String name,
            FaultLedger.@Nullable Reason reason,
            Duration effect,
            Function<Random, FaultLedger.Affected> action) {
        /// What is noticed at the next use of a connection.
        private static final Duration SOON = Duration.ofSeconds(2);

        /// Until a connection that answers no more is given up.
        private static final Duration SILENCE = Duration.ofSeconds(15);

        private static final int BYTES_PER_SECOND = 16_000;

        /// A network that fails in all the ways a [TcpProxy] knows.
        public static List<Fault> of(TcpProxy network) {
            return List.of(
                    all("connections cut", Reason.CONNECTION_LOST, SOON, network::cut),
                    // Leases cannot be renewed, and connections are given up.
                    all(
                            "network hangs",
                            Reason.CONNECTION_LOST,
                            SOON,
                            () -> whileOn(network::pause, network::resume)),
                    all(
                            "network slow",
                            null,
                            SOON,
                            () ->
                                    whileOn(
                                            () -> network.delay(Duration.ofMillis(100)),
                                            () -> network.delay(Duration.ZERO))),
                    all(
                            "little bandwidth",
                            null,
                            SOON,
                            () ->
                                    whileOn(
                                            () -> network.bandwidth(BYTES_PER_SECOND),
                                            () -> network.bandwidth(Integer.MAX_VALUE))),
                    new Fault(
                            "half-open connections",
                            Reason.CONNECTION_LOST,
                            SILENCE,
                            random -> {
                                lose(network, random);
                                return new Affected.Everyone();
                            }),
                    all(
                            "no new connections",
                            Reason.CONNECTION_LOST,
                            SOON,
                            () -> whileOn(network::disconnect, network::accept)));
        }

        /// The same on the way to a result store that is not also the broker. Tasks run twice only
        /// if that lasts for more than a minute, and it does not.
        public static List<Fault> ofResults(TcpProxy network) {
            return of(network).stream()
                    .map(fault ->
                            new Fault("results: " + fault.name, null, fault.effect, fault.action))
                    .toList();
        }

        /// A server that is restarted, and one that is killed.
        public static List<Fault> of(Server server) {
            return List.of(
                    all("server restarted", Reason.CONNECTION_LOST, SOON, server::restart),
                    all(
                            "server killed",
                            Reason.CONNECTION_LOST,
                            SOON,
                            () -> whileOn(server::kill, server::start)));
        }

        /// The same of a result store that is not also the broker.
        public static List<Fault> ofResults(Server server) {
            return List.of(
                    all(
                            "result store away",
                            null,
                            SOON,
                            () -> whileOn(server::kill, server::start)));
        }

        /// A disk without space, if it can be filled.
        ///
        /// @param leftMegabytes how much is left
        /// @param repair what its operator does when there is space again
        public static List<Fault> of(SmallDisk disk, int leftMegabytes, Runnable repair) {
            var full =
                    all(
                            "disk full",
                            Reason.ACKNOWLEDGEMENT_LOST,
                            SOON,
                            () ->
                                    whileOn(
                                            () -> disk.fill(leftMegabytes),
                                            () -> {
                                                disk.free();
                                                repair.run();
                                            }));
            return disk.canBeFilled() ? List.of(full) : List.of();
        }

        private static Fault all(
                String name,
                FaultLedger.@Nullable Reason reason,
                Duration effect,
                Runnable action) {
            return new Fault(
                    name,
                    reason,
                    effect,
                    _ -> {
                        action.run();
                        return new Affected.Everyone();
                    });
        }

        private static void lose(TcpProxy network, Random random) {
            network.lose(
                    switch (random.nextInt(3)) {
                        case 0 -> Set.of(Direction.TO_SERVER);
                        case 1 -> Set.of(Direction.TO_CLIENT);
                        default -> EnumSet.allOf(Direction.class);
                    });
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

        /// When each number was about to be sent, in milliseconds since 1970.
        private final Map<Integer, Long> sent = new ConcurrentHashMap<>();

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
            sent.put(number, System.currentTimeMillis());
            try {
                accepted.add(send(number));
            } catch (BrokerException | ResultStoreException e) {
                refused.incrementAndGet(); // it was told, so it knows that it must send again
            } catch (RuntimeException e) { // which would end this client
                defects.add(e);
            }
        }

        private Accepted send(int number) {
            if (number % SLOW_IN == 0) {
                return accepted(
                        number, muster.send(call(FaultCampaignTasks::slow, number, runs)), number);
            }
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

        /// Of those that have ended.
        private final List<String> logs = new ArrayList<>();

        Fleet(WorkerProcess.Options options) {
            this.options = options;
            IntStream.range(0, WORKERS).forEach(_ -> workers.add(WorkerProcess.start(options)));
        }

        List<Fault> faults(boolean isOneMachine) {
            return List.of(
                    new Fault(
                            "worker killed",
                            Reason.WORKER_DIED,
                            Duration.ZERO,
                            _ ->
                                    toFirst(worker -> {
                                        worker.kill();
                                        replaceFirst();
                                    })),
                    new Fault(
                            "worker ended",
                            null,
                            Duration.ZERO,
                            _ ->
                                    toFirst(worker -> {
                                        worker.stop();
                                        replaceFirst();
                                    })),
                    new Fault(
                            "worker hangs",
                            Reason.LEASE_LOST,
                            Fault.SOON,
                            _ -> {
                                var hanging =
                                        toFirst(worker ->
                                                Fault.whileOn(worker::suspend, worker::resume));
                                // It may hold the lock of the file that all write to.
                                return isOneMachine ? new Affected.Everyone() : hanging;
                            }),
                    // Leases of brokers go by the broker's clock; those in a file by the machine's.
                    new Fault(
                            "clock jumps",
                            isOneMachine ? Reason.LEASE_LOST : null,
                            Fault.SOON,
                            random -> {
                                var ahead = Duration.ofSeconds(random.nextInt(-90, 90));
                                toFirst(worker ->
                                        Fault.whileOn(
                                                () -> worker.setClock(ahead),
                                                () -> worker.setClock(Duration.ZERO)));
                                return new Affected.Everyone();
                            }));
        }

        private Affected toFirst(Consumer<WorkerProcess> action) {
            var worker = workers.getFirst();
            var pid = worker.pid();
            action.accept(worker);
            return new Affected.Worker(pid);
        }

        /// The other worker is the first then.
        private void replaceFirst() {
            var first = workers.removeFirst();
            logs.add(first.log());
            first.close();
            workers.addLast(WorkerProcess.start(options));
        }

        /// What all workers have logged about these calls, and what they warned of.
        List<String> about(Set<String> ids) {
            return Stream.concat(logs.stream(), workers.stream().map(WorkerProcess::log))
                    .flatMap(String::lines)
                    .filter(line ->
                            line.contains(" WARN ")
                                    || line.contains(" ERROR ")
                                    || ids.stream().anyMatch(line::contains))
                    .sorted()
                    .toList();
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
        var clock = folder.resolve("clock");
        var options = WorkerProcess.Options.of(settings, FaultCampaignTasks.class, queue);
        try (var muster =
                        Muster.builder()
                                .settings(Settings.DEFAULT.withAll(settings))
                                .tasks(FaultCampaignTasks.class)
                                .clock(
                                        isOneMachine()
                                                ? ProcessClock.open(clock)
                                                : InstantSource.system())
                                .build();
                var fleet = new Fleet(isOneMachine() ? options.withClock(clock) : options)) {
            var ledger = new FaultLedger();
            var load = new Load(muster, runs);
            Map<String, Integer> happened;
            try (load) {
                happened = trouble(fleet, settings, ledger);
            }
            print(muster, load, happened);
            assertThat(load.defects).isEmpty();

            for (var accepted : load.accepted) {
                assertThat(outcome(accepted.result))
                        .as("number %d, task %s", accepted.number, accepted.result.id())
                        .isEqualTo(accepted.value);
            }
            explainRuns(ledger, load, runs, fleet);
        }
    }

    /// @return how often what has happened
    private Map<String, Integer> trouble(
            Fleet fleet, Map<String, Object> settings, FaultLedger ledger) {
        var random = new Random(seed);
        var faults = new ArrayList<>(fleet.faults(isOneMachine()));
        faults.addAll(faults());
        faults.add(
                new Fault(
                        "messages doubled",
                        Reason.PUT_BACK,
                        Duration.ofDays(1),
                        _ -> doubleMessages(settings)));
        var happened = new TreeMap<String, Integer>();
        var left = new ArrayList<Fault>();
        var end = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(5_000)));
            if (left.isEmpty()) {
                // Each once in a round, so that none is left out in a short campaign.
                left.addAll(faults);
                Collections.shuffle(left, random);
            }
            var fault = left.removeFirst();
            var begin = InstantSource.system().instant();
            var affected = fault.action.apply(random);
            ledger.add(
                    new FaultLedger.Event(
                            fault.name,
                            fault.reason,
                            affected,
                            begin,
                            InstantSource.system().instant(),
                            fault.effect));
            happened.merge(fault.name, 1, Integer::sum);
        }
        return happened;
    }

    private Affected doubleMessages(Map<String, Object> settings) {
        var ids = new HashSet<String>();
        try (var broker = RawBroker.open(settings)) {
            RawBroker.multiply(broker, queue, DOUBLED, 2, Duration.ofSeconds(1), ids::add);
        } catch (BrokerException e) {
            // It is not well again yet; there are fewer copies then.
        }
        return new Affected.Calls(ids);
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

    /// Whatever ran more than once must have a reason.
    private static void explainRuns(FaultLedger ledger, Load load, Path runs, Fleet fleet)
            throws IOException {
        List<FaultLedger.Run> noted;
        try (var lines = Files.lines(runs)) {
            noted = lines.map(FaultLedger.Run::parse).toList();
        }
        var account = ledger.account(noted, run -> load.sent.getOrDefault(run.number(), 0L));
        IO.println(
                ("all accounted for; %,d second runs of %,d calls: %s; of the calls that ran once,"
                                + " %,d could have run twice by what affected everyone")
                        .formatted(
                                noted.size() - account.calls(),
                                account.calls(),
                                account.explained(),
                                account.wouldBeExplained()));
        if (!account.unexplained().isEmpty()) {
            var ids =
                    account.unexplained().stream()
                            .map(line -> line.substring(0, line.indexOf(' ')))
                            .collect(Collectors.toSet());
            fleet.about(ids).forEach(IO::println);
        }
        assertThat(account.unexplained()).as("second runs without a reason").isEmpty();
    }
}
