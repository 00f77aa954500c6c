package dev.muster.benchmarks;

import static dev.muster.queue.Canvas.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/// What a worker has in memory: at rest, and after each of some steps of many tasks, which shows
/// whether it grows.
final class WorkerMemory {
    private static final int SLOTS = 2;
    private static final int PREFETCH = 4;
    private static final int STEPS = 10;
    private static final int PORTION = 10_000;
    private static final int FULL = 2_000_000;
    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private WorkerMemory() {}

    static void run(Options options, Report report) throws Exception {
        var tasks = options.has(Option.FULL) ? FULL : options.count(Option.TASKS);
        var rows = new ArrayList<List<String>>();
        try (var broker = BenchBroker.open(options.text(Option.BROKER).orElse("redis"))) {
            var settings = broker.settings("bench-" + UUID.randomUUID(), PREFETCH);
            try (var worker = broker.worker(settings, SLOTS);
                    var client = BenchBroker.client(settings)) {
                var noop = call("bench.noop");
                client.send(noop).get(PATIENCE);
                Thread.sleep(REST); // what starting has left to do is done
                rows.add(row("at rest", worker, ""));
                var done = 0;
                for (var step = 1; step <= STEPS; step++) {
                    System.err.printf("memory, step %d of %d%n", step, STEPS);
                    var start = System.nanoTime();
                    var before = done;
                    while (done < (long) tasks * step / STEPS) {
                        var portion = (int) Math.min(PORTION, (long) tasks * step / STEPS - done);
                        client.sendAll(Collections.nCopies(portion, noop.ignoreResult(true)));
                        done += portion;
                    }
                    client.send(noop).get(PATIENCE);
                    var rate = (done - before) / ((System.nanoTime() - start) / 1e9);
                    rows.add(row("%,d tasks".formatted(done), worker, Measurements.shown(rate)));
                }
                Thread.sleep(REST);
                rows.add(row("at rest again", worker, ""));
            }
            var title =
                    "A worker in memory: %s, %d slots, tasks that do nothing"
                            .formatted(broker.name(), SLOTS);
            var columns = List.of("", "resident, MB", "most ever resident, MB", "tasks/s");
            report.add(title, new Table(columns, rows));
        }
    }

    private static List<String> row(String label, Child worker, String rate) {
        return List.of(
                label,
                Measurements.shown(worker.residentMegabytes()),
                Measurements.shown(worker.peakMegabytes()),
                rate);
    }
}
