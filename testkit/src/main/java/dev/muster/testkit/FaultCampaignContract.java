package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.FaultLedger.Affected;
import dev.muster.testkit.FaultLedger.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A quarter of an hour of trouble, and then the account: every task that `send` accepted has ended
/// as it must, although workers were killed and stopped, servers restarted, connections cut, disks
/// full and clocks wrong. What ran more than once did so for a reason that the
/// [ledger][FaultLedger] knows. Extend it once for each durable broker, and say which [Fault]s it
/// can have. Runs with `./test --soak` only.
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

    private static final int DOUBLED = 20;

    private final long seed = Long.getLong("soak.seed", new Random().nextLong());
    private final String queue = "campaign-" + UUID.randomUUID();

    @TempDir private Path folder;

    /// Broker, result store and options; what a killed worker held should be given to others after
    /// few seconds.
    protected abstract Map<String, Object> settings();

    /// What else can happen besides what happens to workers.
    protected abstract List<Fault> faults();

    /// Whether all processes run on one machine, so that their clocks are one.
    protected boolean isOneMachine() {
        return false;
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
                var workers =
                        new FaultCampaignWorkers(
                                isOneMachine() ? options.withClock(clock) : options)) {
            var ledger = new FaultLedger();
            var clients = new FaultCampaignClients(muster, runs);
            Map<String, Integer> happened;
            try (clients) {
                happened = trouble(workers, settings, ledger);
            }
            print(muster, clients, happened);
            assertThat(clients.defects()).isEmpty();

            for (var accepted : clients.accepted()) {
                assertThat(outcome(accepted.result()))
                        .as("number %d, task %s", accepted.number(), accepted.result().id())
                        .isEqualTo(accepted.value());
            }
            explainRuns(ledger, clients, runs, workers);
        }
    }

    /// @return how often what has happened
    private Map<String, Integer> trouble(
            FaultCampaignWorkers workers, Map<String, Object> settings, FaultLedger ledger) {
        var random = new Random(seed);
        var faults = new ArrayList<>(workers.faults(isOneMachine()));
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
            ledger.add(fault.happen(random));
            happened.merge(fault.name(), 1, Integer::sum);
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

    private void print(Muster muster, FaultCampaignClients clients, Map<String, Integer> happened) {
        IO.println(
                "%s: %,d accepted, %,d refused in %d min (-Dsoak.seed=%d); %s"
                        .formatted(
                                muster.brokerDescription(),
                                clients.accepted().size(),
                                clients.refused(),
                                LENGTH.toMinutes(),
                                seed,
                                happened));
    }

    /// Whatever ran more than once must have a reason.
    private static void explainRuns(
            FaultLedger ledger,
            FaultCampaignClients clients,
            Path runs,
            FaultCampaignWorkers workers)
            throws IOException {
        List<FaultLedger.Run> noted;
        try (var lines = Files.lines(runs)) {
            noted = lines.map(FaultLedger.Run::parse).toList();
        }
        var account = ledger.account(noted, run -> clients.sentAt(run.number()));
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
            workers.about(ids).forEach(IO::println);
        }
        assertThat(account.unexplained()).as("second runs without a reason").isEmpty();
    }
}
