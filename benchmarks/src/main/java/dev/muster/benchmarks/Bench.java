package dev.muster.benchmarks;

import static dev.muster.benchmarks.Option.BROKER;
import static dev.muster.benchmarks.Option.CALLS;
import static dev.muster.benchmarks.Option.FILE;
import static dev.muster.benchmarks.Option.FULL;
import static dev.muster.benchmarks.Option.NO_PEERS;
import static dev.muster.benchmarks.Option.NUMBERS;
import static dev.muster.benchmarks.Option.PREFETCH;
import static dev.muster.benchmarks.Option.REPEATS;
import static dev.muster.benchmarks.Option.ROUNDS;
import static dev.muster.benchmarks.Option.TASKS;
import static dev.muster.benchmarks.Option.WARM_UP;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What `./bench` starts: comparisons by their names.
public final class Bench {
    private static final Map<Option, Integer> QUEUES =
            Map.of(TASKS, 20_000, WARM_UP, 100_000, ROUNDS, 3, PREFETCH, 4);

    private static final Map<Option, Integer> QUEUES_AND_PEERS =
            Map.of(TASKS, 20_000, WARM_UP, 100_000, ROUNDS, 3, PREFETCH, 4, NO_PEERS, 0);

    /// Its peers run on the JVM as well, and are as warm after as many tasks.
    private static final Map<Option, Integer> POSTGRESQL =
            Map.of(TASKS, 20_000, WARM_UP, 0, ROUNDS, 3, PREFETCH, 4, NO_PEERS, 0);

    private static final List<Entry> ENTRIES =
            List.of(
                    new Entry(
                            "redis",
                            "tasks on Redis, beside Celery, and Jedis alone",
                            QUEUES_AND_PEERS,
                            (options, report) -> QueueComparison.run("redis", options, report)),
                    new Entry(
                            "rabbitmq",
                            "tasks on RabbitMQ, beside Celery, and its Java client alone",
                            QUEUES_AND_PEERS,
                            (options, report) -> QueueComparison.run("rabbitmq", options, report)),
                    new Entry(
                            "sqlite",
                            "tasks in a SQLite file",
                            QUEUES,
                            (options, report) -> QueueComparison.run("sqlite", options, report)),
                    new Entry(
                            "postgresql",
                            "tasks in PostgreSQL, beside JobRunr and db-scheduler",
                            POSTGRESQL,
                            (options, report) ->
                                    QueueComparison.run("postgresql", options, report)),
                    new Entry(
                            "threads",
                            "tasks on platform threads, beside tasks on virtual ones",
                            Map.of(
                                    TASKS, 20_000, WARM_UP, 100_000, ROUNDS, 3, PREFETCH, 4, BROKER,
                                    0),
                            QueueComparison::runThreads),
                    new Entry(
                            "workflows",
                            "group, chord, chain and merge sort on Redis, beside Celery",
                            Map.of(ROUNDS, 3, REPEATS, 5, NUMBERS, 1_000_000, NO_PEERS, 0),
                            WorkflowComparison::run),
                    new Entry(
                            "pipeline",
                            "plain functions in a pipeline, beside loops and streams",
                            Map.of(ROUNDS, 400),
                            PipelineComparison::run),
                    new Entry(
                            "grep",
                            "muster grep, beside GNU grep, and ripgrep where it is installed",
                            Map.of(ROUNDS, 5, FILE, 0),
                            GrepComparison::run),
                    new Entry(
                            "queues",
                            "queues and pipes between processes, beside Python's multiprocessing",
                            Map.of(ROUNDS, 3),
                            ProcessQueueComparison::run),
                    new Entry(
                            "pool",
                            "process pools, beside Python's ProcessPoolExecutor",
                            Map.of(ROUNDS, 5, CALLS, 50_000),
                            ProcessPoolComparison::run),
                    new Entry(
                            "growth",
                            "rate and latency as there is more of everything",
                            Map.of(ROUNDS, 1, TASKS, 20_000, BROKER, 0, FULL, 0),
                            Growth::run),
                    new Entry(
                            "start",
                            "muster --version, beside an empty main",
                            Map.of(ROUNDS, 20),
                            StartComparison::run),
                    new Entry(
                            "memory",
                            "what a worker has in memory, at rest and over many tasks",
                            Map.of(TASKS, 200_000, BROKER, 0, FULL, 0),
                            WorkerMemory::run));

    private Bench() {}

    /// One of the names.
    ///
    /// @param options those that it takes, with the numbers that hold by default
    private record Entry(String name, String says, Map<Option, Integer> options, Body body) {
        @FunctionalInterface
        private interface Body {
            void run(Options options, Report report) throws Exception;
        }
    }

    /// Ends with status 1 when a comparison failed, which does not keep the others from running,
    /// and with 2 for a command line that is wrong.
    public static void main(String[] args) throws Exception {
        var words = Arrays.asList(args);
        if (words.contains("--help") || words.contains("-h")) {
            System.out.print(help());
            return;
        }
        try {
            System.exit(run(words));
        } catch (UsageException e) {
            System.err.printf("bench: %s; see ./bench --help%n", e.getMessage());
            System.exit(2);
        }
    }

    private static int run(List<String> words) throws Exception {
        var parsed = Options.parse(words);
        var entries =
                parsed.names().isEmpty()
                        ? ENTRIES
                        : parsed.names().stream().map(Bench::entry).toList();
        for (var option : parsed.options().keySet()) {
            if (entries.stream().noneMatch(entry -> entry.options().containsKey(option))) {
                throw new UsageException(
                        "%s says nothing to %s"
                                .formatted(option.word, String.join(", ", parsed.names())));
            }
        }
        parsed.options().computeIfPresent(BROKER, (_, name) -> BenchBroker.checked(name));

        var root = Distribution.ROOT;
        var command =
                String.join(
                        " ",
                        words.isEmpty()
                                ? List.of("./bench")
                                : List.of("./bench", String.join(" ", words)));
        var report = Report.begin(root.resolve("benchmarks/results"), command, Machine.now(root));
        var status = 0;
        for (var entry : entries) {
            try {
                entry.body().run(new Options(parsed.options(), entry.options()), report);
            } catch (Exception e) {
                System.err.printf("bench: %s failed%n", entry.name());
                e.printStackTrace();
                status = 1;
            }
        }
        System.out.printf("%nWritten to %s%n", report);
        return status;
    }

    private static Entry entry(String name) {
        return ENTRIES.stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UsageException(
                                "there is no comparison '%s'; there are %s"
                                        .formatted(
                                                name,
                                                ENTRIES.stream()
                                                        .map(Entry::name)
                                                        .collect(Collectors.joining(", ")))));
    }

    private static String help() {
        var text = new StringBuilder();
        text.append("Usage: ./bench [NAME...] [OPTION...]\n\n");
        text.append(
                "Runs comparisons side by side, prints tables, and adds them to the file of the day\n");
        text.append("in benchmarks/results. Without a name it runs all, one after the other.\n\n");
        for (var entry : ENTRIES) {
            text.append("  %-12s%s%n".formatted(entry.name(), entry.says()));
            text.append("  %-12s  %s%n".formatted("", options(entry)));
        }
        text.append("\nOptions:\n");
        for (var option : Option.values()) {
            text.append(
                    "  %-16s%s%n"
                            .formatted((option.word + " " + option.value).strip(), option.says));
        }
        text.append("  %-16s%s%n".formatted("--help", "this"));
        text.append("\nFor example: ./bench redis rabbitmq --rounds 5\n");
        return text.toString();
    }

    private static String options(Entry entry) {
        return entry.options().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(option -> {
                    var placeholder = option.getKey().value;
                    var value =
                            placeholder.equals("N")
                                    ? String.valueOf(option.getValue())
                                    : placeholder;
                    return (option.getKey().word + " " + value).strip();
                })
                .collect(Collectors.joining(" "));
    }
}
