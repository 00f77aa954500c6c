package dev.muster.testkit;

import dev.muster.testkit.FaultLedger.Affected;
import dev.muster.testkit.FaultLedger.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The workers of a [FaultCampaignContract]. One that has ended is replaced.
final class FaultCampaignWorkers implements AutoCloseable {
    private static final int WORKERS = 2;

    private final WorkerProcess.Options options;
    private final List<WorkerProcess> workers = new ArrayList<>();

    /// Of those that have ended.
    private final List<String> logs = new ArrayList<>();

    FaultCampaignWorkers(WorkerProcess.Options options) {
        this.options = options;
        IntStream.range(0, WORKERS).forEach(_ -> workers.add(WorkerProcess.start(options)));
    }

    /// What can happen to them.
    ///
    /// @param isOneMachine whether all processes have one clock
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
