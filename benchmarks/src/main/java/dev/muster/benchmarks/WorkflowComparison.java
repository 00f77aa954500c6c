package dev.muster.benchmarks;

import static dev.muster.benchmarks.Table.Better.LESS;
import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Workflow;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final int rounds;
    private final int repeats;
    private final int numbers;
    private final boolean withCelery;

    private WorkflowComparison(int rounds, int repeats, int numbers, boolean withCelery) {
        this.rounds = rounds;
        this.repeats = repeats;
        this.numbers = numbers;
        this.withCelery = withCelery;
    }

    /// @param args `--rounds N`, `--repeats N`, `--numbers N` (to sort, 0 for no sort),
    ///   `--no-celery`
    static void run(List<String> args) throws Exception {
        var rounds = 3;
        var repeats = 5;
        var numbers = 1_000_000;
        var celery = true;
        for (var words = args.iterator(); words.hasNext(); ) {
            var word = words.next();
            switch (word) {
                case "--rounds" -> rounds = Integer.parseInt(words.next());
                case "--repeats" -> repeats = Integer.parseInt(words.next());
                case "--numbers" -> numbers = Integer.parseInt(words.next());
                case "--no-celery" -> celery = false;
                default -> throw new IllegalArgumentException("no such option: " + word);
            }
        }
        new WorkflowComparison(rounds, repeats, numbers, celery).compare();
    }

    private void compare() throws Exception {
        var folder = Files.createTempDirectory("muster-bench");
        try (var script =
                Objects.requireNonNull(
                        WorkflowComparison.class.getResourceAsStream("celery_workflow_peer.py"))) {
            Files.copy(script, folder.resolve("celery_workflow_peer.py"));
        }
        var muster = new Measurements();
        var celery = new Measurements();
        try (var redis = RedisServer.create()) {
            var settings =
                    Map.of(
                            "broker_url", redis.url(0),
                            "result_backend", redis.url(0),
                            "worker_prefetch_multiplier", "4");
            var environment = Map.of("BROKER", redis.url(1));
            try (var client =
                            Muster.builder().settings(Settings.DEFAULT.withAll(settings)).build();
                    var own = worker(settings, folder);
                    var peer = withCelery ? celeryWorker(environment, folder) : null) {
                own.awaitLine("started");
                measure(client, folder, new Measurements()); // warms both JVMs
                for (var round = 1; round <= rounds; round++) {
                    System.err.printf("round %d of %d%n", round, rounds);
                    measure(client, folder, muster);
                    if (peer != null) {
                        measureCelery(environment, folder, celery);
                    }
                }
            }
        }
        print(muster, celery);
    }

    private static Child worker(Map<String, String> settings, Path folder) {
        var options =
                new ArrayList<>(
                        List.of(
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dlogback.configurationFile=quiet.xml"));
        settings.forEach((name, value) -> options.add("-Dmuster." + name + "=" + value));
        return Child.java(BenchWorker.class, options, List.of(String.valueOf(SLOTS)), folder);
    }

    private static Child celeryWorker(Map<String, String> environment, Path folder) {
        var command =
                "/usr/bin/python3 -m celery -A celery_workflow_peer worker -c %d -l INFO --without-gossip --without-mingle --without-heartbeat"
                        .formatted(SLOTS);
        var worker = Child.start(List.of(command.split(" ", -1)), environment, folder);
        worker.awaitLine("ready.");
        return worker;
    }

    private void measure(Muster client, Path folder, Measurements into) throws IOException {
        var members = IntStream.range(0, MEMBERS).boxed().toList();
        var chain = call(WorkflowTasks::same, 0).then(WorkflowTasks::next);
        for (var step = 1; step < STEPS; step++) {
            chain = chain.then(WorkflowTasks::next);
        }
        for (var repeat = 0; repeat < repeats; repeat++) {
            var calls = group(members.stream().map(n -> call(WorkflowTasks::same, n)));
            time("group", client, calls, members, into);
            time("chord", client, calls.then(WorkflowTasks::sum), 499_500, into);
            time("chain", client, chain, STEPS, into);
            if (numbers > 0) {
                sort(client, folder, into);
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
    private void sort(Muster client, Path folder, Measurements into) throws IOException {
        var shuffled = shuffled();

        var start = System.nanoTime();
        var calls =
                chunks().mapToObj(chunk ->
                                Arrays.copyOfRange(shuffled, start(chunk), start(chunk + 1)))
                        .map(part -> call(WorkflowTasks::sort, part));
        var sorted = client.send(group(calls).then(WorkflowTasks::mergeAll)).get(PATIENCE);
        into.add("sort", milliseconds(start));

        start = System.nanoTime();
        var file = WorkflowTasks.write(folder.resolve("numbers"), shuffled);
        var parts =
                chunks().mapToObj(chunk ->
                        call(WorkflowTasks::sortFile, file, start(chunk), start(chunk + 1)));
        var sortedFile = client.send(group(parts).then(WorkflowTasks::mergeFiles)).get(PATIENCE);
        var sortedInFile = WorkflowTasks.read(sortedFile);
        into.add("file", milliseconds(start));

        start = System.nanoTime();
        var local = WorkflowTasks.sort(shuffled);
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

    private void measureCelery(Map<String, String> environment, Path folder, Measurements into) {
        var command =
                "/usr/bin/python3 celery_workflow_peer.py %d %d %d %d"
                        .formatted(MEMBERS, STEPS, repeats, numbers);
        try (var client = Child.start(List.of(command.split(" ", -1)), environment, folder)) {
            client.endAfter(PATIENCE);
            client.drain(line -> {
                if (into.addLine(line).isEmpty()) {
                    System.err.println("  " + line);
                }
            });
        }
    }

    private void print(Measurements muster, Measurements celery) {
        System.out.printf(
                "%nRedis, one worker with %d slots; milliseconds from sending to the value, medians of %d rounds of %d (smallest to largest)%n%n",
                SLOTS, rounds, repeats);
        var table = new Table(muster).beside("Celery", celery);
        table.row("group of %,d".formatted(MEMBERS), "group", LESS);
        table.row("chord of %,d".formatted(MEMBERS), "chord", LESS);
        table.row("chain of %,d".formatted(STEPS), "chain", LESS);
        if (numbers > 0) {
            table.row("merge sort of %,d by a chord".formatted(numbers), "sort", LESS);
            table.row("the same, the numbers in a file", "file", LESS);
            table.row("the same in one thread, without tasks", "local", LESS);
        }
    }
}
