package dev.muster.benchmarks;

import dev.muster.parallel.ChildProcess;
import dev.muster.parallel.PipeEnd;
import dev.muster.parallel.ProcessPipe;
import dev.muster.parallel.ProcessQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Queues and pipes between processes, beside those of Python's `multiprocessing`.
///
/// Processes of their own put values into a queue for 1,000, others take them. What is counted is
/// how many values a second come out, after the first fifth, which is for the compiler; for Python
/// as well.
final class ProcessQueueComparison {
    private static final int CAPACITY = 1_000;
    private static final String TEXT = "x".repeat(100);

    /// So that a run of either takes some seconds.
    private static final int VALUES = 10_000_000;

    private static final int ROUND_TRIPS = 50_000;
    private static final int PYTHON_SHARE = 20;
    private static final String PEER = "process_queue_peer.py";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final List<String> KINDS = List.of("number", "text");
    private static final List<Integer> PROCESSES = List.of(1, 2);

    private final Path folder;

    private ProcessQueueComparison(Path folder) {
        this.folder = folder;
    }

    static void run(Options options, Report report) throws Exception {
        var of = new ProcessQueueComparison(Files.createTempDirectory("muster-bench"));
        new Comparison(
                        "values a second",
                        List.of(
                                Quantity.more("number1", "numbers, 1 process to 1"),
                                Quantity.more("number2", "numbers, 2 processes to 2"),
                                Quantity.more("text1", "texts of 100 letters, 1 process to 1"),
                                Quantity.more("text2", "texts of 100 letters, 2 processes to 2"),
                                Quantity.more("pipe", "round trips over a pipe")),
                        List.of(
                                new Contestant("Muster", ProcessQueueComparison::measureMuster),
                                new Contestant("Python multiprocessing", of::measurePython)))
                .run(options.count(Option.ROUNDS), report);
    }

    private static void measureMuster(Measurements into) throws InterruptedException {
        for (var kind : KINDS) {
            for (var processes : PROCESSES) {
                into.add(kind + processes, throughQueue(processes, kind));
            }
        }
        into.add("pipe", roundTrips());
    }

    private void measurePython(Measurements into) {
        for (var kind : KINDS) {
            for (var processes : PROCESSES) {
                var values = VALUES / PYTHON_SHARE;
                python(into, kind + processes, "queue", processes, processes, values, kind);
            }
        }
        python(into, "pipe", "pipe", ROUND_TRIPS);
    }

    private static double throughQueue(int processes, String kind) throws InterruptedException {
        var children = new ArrayList<ChildProcess>();
        var queue = ProcessQueue.<Object>bounded(CAPACITY);
        try (var rates = ProcessQueue.<Double>bounded(processes)) {
            var senders = new ArrayList<ChildProcess>();
            for (var number = 0; number < processes; number++) {
                var first = VALUES / processes / 5;
                children.add(
                        ChildProcess.start(ProcessQueueComparison::receive, queue, first, rates));
                senders.add(
                        ChildProcess.start(
                                ProcessQueueComparison::send, queue, VALUES / processes, kind));
            }
            children.addAll(senders);
            try (queue) {
                for (var sender : senders) {
                    sender.join();
                }
            }
            var rate = 0.0;
            for (var number = 0; number < processes; number++) {
                rate += rates.take();
            }
            return rate;
        } finally {
            children.forEach(ChildProcess::close);
        }
    }

    static void send(ProcessQueue<Object> queue, int values, String kind)
            throws InterruptedException {
        for (var number = 0; number < values; number++) {
            queue.put(kind.equals("number") ? (Object) number : TEXT);
        }
    }

    static void receive(ProcessQueue<Object> queue, int first, ProcessQueue<Double> rates)
            throws InterruptedException {
        var count = 0;
        var start = System.nanoTime();
        for (var _ : queue) {
            count++;
            if (count == first) {
                start = System.nanoTime();
            }
        }
        rates.put((count - first) / ((System.nanoTime() - start) / 1e9));
    }

    private static double roundTrips() throws InterruptedException {
        var pipe = ProcessPipe.<Integer, Integer>open();
        try (var left = pipe.left();
                var _ = ChildProcess.start(ProcessQueueComparison::echo, pipe.right())) {
            var start = System.nanoTime();
            for (var number = 0; number < ROUND_TRIPS; number++) {
                left.send(number);
                left.receive();
                if (number == ROUND_TRIPS / 5) {
                    start = System.nanoTime();
                }
            }
            return (ROUND_TRIPS - ROUND_TRIPS / 5) / ((System.nanoTime() - start) / 1e9);
        }
    }

    static void echo(PipeEnd<Integer, Integer> end) throws InterruptedException {
        for (var message : end) {
            end.send(message);
        }
    }

    private void python(Measurements into, String name, Object... arguments) {
        var words = Stream.concat(Stream.of(name), Stream.of(arguments)).map(String::valueOf);
        try (var peer = Child.python(PEER, words.toList(), Map.of(), folder)) {
            peer.measure(PATIENCE, into);
        }
    }
}
