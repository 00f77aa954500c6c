package dev.muster.benchmarks;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Workflow;
import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Workflows beside Celery's, on one Redis: a group, a chord and a chain of tasks that do next to
/// nothing, and a merge sort by a chord, beside the same sort without tasks. One worker with two
/// slots on either side.
///
/// The workers stay up for all rounds, as workers do. In each round first Muster and then Celery
/// measures each workflow several times, from sending it to having its value.
final class WorkflowComparison {
    private static final int SLOTS = 2;
    private static final int MEMBERS = 1_000;
    private static final int STEPS = 100;
    private static final int CHUNKS = 4;
    private static final int PREFETCH = 4;
    private static final String CELERY = "celery_workflow_peer.py";
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final int repeats;
    private final int numbers;
    private final BenchBroker broker;

    private WorkflowComparison(int repeats, int numbers, BenchBroker broker) {
        this.repeats = repeats;
        this.numbers = numbers;
        this.broker = broker;
    }

    static void run(Options options, Report report) throws Exception {
        var repeats = options.count(Option.REPEATS);
        try (var redis = RedisServer.create()) {
            var url = redis.url(0);
            var folder = Files.createTempDirectory("muster-bench");
            var broker = new BenchBroker("redis", url, url, folder, redis::close);
            var of = new WorkflowComparison(repeats, options.number(Option.NUMBERS), broker);
            var settings = broker.settings("bench", PREFETCH);
            var environment = Map.of("BROKER", redis.url(1));
            try (var client = BenchBroker.client(settings);
                    var own = broker.worker(settings, SLOTS);
                    var peer =
                            options.has(Option.NO_PEERS)
                                    ? null
                                    : Child.celery(CELERY, SLOTS, environment, folder)) {
                of.measure(client, new Measurements()); // warms both JVMs
                var contestants = new ArrayList<Contestant>();
                contestants.add(of.contestant("Muster", own, into -> of.measure(client, into)));
                if (peer != null) {
                    contestants.add(
                            of.contestant(
                                    "Celery", peer, into -> of.measureCelery(environment, into)));
                }
                var title =
                        "Redis, one worker with %d slots; milliseconds from sending to the value, %d times in a round"
                                .formatted(SLOTS, repeats);
                new Comparison(title, of.quantities(), contestants)
                        .run(options.count(Option.ROUNDS), report);
            }
        }
    }

    private List<Quantity> quantities() {
        var quantities = new ArrayList<Quantity>();
        quantities.add(Quantity.less("group", "group of %,d".formatted(MEMBERS)));
        quantities.add(Quantity.less("chord", "chord of %,d".formatted(MEMBERS)));
        quantities.add(Quantity.less("chain", "chain of %,d".formatted(STEPS)));
        if (numbers > 0) {
            var sort = "merge sort of %,d by a chord".formatted(numbers);
            quantities.add(Quantity.less("sort", sort));
            quantities.add(Quantity.less("file", "the same, the numbers in a file"));
            quantities.add(Quantity.less("local", "the same in one thread, without tasks"));
        } else {
            quantities.add(Quantity.less("cpu", "worker's CPU, s per 1,000 tasks"));
        }
        quantities.add(Quantity.less("memory", "worker's peak memory, MB"));
        return quantities;
    }

    /// Adds what its worker needed for a round.
    private Contestant contestant(String name, Child worker, Contestant.Round round) {
        return new Contestant(
                name,
                into -> {
                    var cpu = worker.cpuMillis();
                    round.measure(into);
                    var tasks = repeats * (2 * MEMBERS + STEPS + 2);
                    into.add("cpu", (double) (worker.cpuMillis() - cpu) / tasks);
                    into.add("memory", worker.peakMegabytes());
                });
    }

    private void measure(Muster client, Measurements into) throws IOException {
        var members = IntStream.range(0, MEMBERS).boxed().toList();
        var chain = call(BenchTasks::same, 0).then(BenchTasks::next);
        for (var step = 1; step < STEPS; step++) {
            chain = chain.then(BenchTasks::next);
        }
        for (var repeat = 0; repeat < repeats; repeat++) {
            var calls = group(members.stream().map(n -> call(BenchTasks::same, n)));
            time("group", client, calls, members, into);
            time("chord", client, calls.then(BenchTasks::sum), 499_500, into);
            time("chain", client, chain, STEPS, into);
            if (numbers > 0) {
                sort(client, into);
            }
        }
    }

    private static <R> void time(
            String name, Muster client, Workflow<R> workflow, R expected, Measurements into) {
        var start = System.nanoTime();
        var value = client.send(workflow).get(PATIENCE);
        into.add(name, milliseconds(start));
        if (!value.equals(expected)) {
            throw new IllegalStateException("a wrong value of " + name);
        }
    }

    /// Sorts the same numbers in three ways: with the numbers in the messages, with the name of a
    /// file in the messages, and without tasks.
    private void sort(Muster client, Measurements into) throws IOException {
        var shuffled = shuffled();

        var start = System.nanoTime();
        var calls =
                chunks().mapToObj(chunk ->
                                Arrays.copyOfRange(shuffled, start(chunk), start(chunk + 1)))
                        .map(part -> call(BenchTasks::sort, part));
        var sorted = client.send(group(calls).then(BenchTasks::mergeAll)).get(PATIENCE);
        into.add("sort", milliseconds(start));

        start = System.nanoTime();
        var file = BenchTasks.write(broker.folder().resolve("numbers"), shuffled);
        var parts =
                chunks().mapToObj(chunk ->
                        call(BenchTasks::sortFile, file, start(chunk), start(chunk + 1)));
        var sortedFile = client.send(group(parts).then(BenchTasks::mergeFiles)).get(PATIENCE);
        var sortedInFile = BenchTasks.read(sortedFile);
        into.add("file", milliseconds(start));

        start = System.nanoTime();
        var local = BenchTasks.sort(shuffled);
        into.add("local", milliseconds(start));
        if (!Arrays.equals(sorted, local) || !Arrays.equals(sortedInFile, local)) {
            throw new IllegalStateException("sorted wrongly");
        }
    }

    private int[] shuffled() {
        var shuffled = IntStream.range(0, numbers).boxed().collect(Collectors.toList());
        Collections.shuffle(shuffled, new Random(numbers));
        return shuffled.stream().mapToInt(number -> number).toArray();
    }

    private static IntStream chunks() {
        return IntStream.range(0, CHUNKS);
    }

    private int start(int chunk) {
        return (int) ((long) numbers * chunk / CHUNKS);
    }

    private static double milliseconds(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    private void measureCelery(Map<String, String> environment, Measurements into) {
        var counts =
                Stream.of(MEMBERS, STEPS, repeats, numbers).map(count -> count.toString()).toList();
        try (var client = Child.python(CELERY, counts, environment, broker.folder())) {
            client.measure(PATIENCE, into);
        }
    }
}
