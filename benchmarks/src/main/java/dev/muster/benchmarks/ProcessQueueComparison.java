package dev.muster.benchmarks;

import dev.muster.parallel.ChildProcess;
import dev.muster.parallel.PipeEnd;
import dev.muster.parallel.ProcessPipe;
import dev.muster.parallel.ProcessQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

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

    private final Measurements muster = new Measurements();
    private final Measurements python = new Measurements();
    private final Path peer;

    private ProcessQueueComparison(Path peer) {
        this.peer = peer;
    }

    /// @param args `--rounds N`
    static void run(List<String> args) throws Exception {
        var rounds = 3;
        for (var words = args.iterator(); words.hasNext(); ) {
            if (!words.next().equals("--rounds")) {
                throw new IllegalArgumentException("./bench queues [--rounds N]");
            }
            rounds = Integer.parseInt(words.next());
        }
        var peer = Files.createTempFile("peer", ".py");
        try (var source =
                ProcessQueueComparison.class.getResourceAsStream("process_queue_peer.py")) {
            Files.write(peer, Objects.requireNonNull(source).readAllBytes());
            new ProcessQueueComparison(peer).compare(rounds);
        } finally {
            Files.delete(peer);
        }
    }

    private void compare(int rounds) throws Exception {
        for (var round = 0; round < rounds; round++) {
            for (var kind : List.of("number", "text")) {
                for (var processes : List.of(1, 2)) {
                    var name = kind + processes;
                    muster.add(name, throughQueue(processes, kind));
                    python.add(
                            name,
                            python(
                                    "queue",
                                    "" + processes,
                                    "" + processes,
                                    "" + VALUES / PYTHON_SHARE,
                                    kind));
                }
            }
            muster.add("pipe", roundTrips());
            python.add("pipe", python("pipe", "" + ROUND_TRIPS));
        }
        System.out.printf(
                "%nvalues a second; medians of %d rounds (smallest to largest)%n%n", rounds);
        var table = new Table(muster).beside("Python multiprocessing", python);
        table.row("numbers, 1 process to 1", "number1", Table.Better.MORE);
        table.row("numbers, 2 processes to 2", "number2", Table.Better.MORE);
        table.row("texts of 100 letters, 1 process to 1", "text1", Table.Better.MORE);
        table.row("texts of 100 letters, 2 processes to 2", "text2", Table.Better.MORE);
        table.row("round trips over a pipe", "pipe", Table.Better.MORE);
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

    private double python(String... args) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("python3", peer.toString()));
        command.addAll(List.of(args));
        var process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("Python failed");
        }
        return Double.parseDouble(printed.strip());
    }
}
