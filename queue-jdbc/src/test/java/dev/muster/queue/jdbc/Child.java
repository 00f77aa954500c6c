package dev.muster.queue.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// What the processes of the tests do: `Child VERB URL QUEUE …`.
final class Child {
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Child() {}

    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().name("orphan-guard").start(Child::endWithParent);
        var url = arguments[1];
        var queue = Queue.named(arguments[2]);
        try (var broker = Databases.broker(url, LEASE)) {
            broker.declare(queue);
            switch (arguments[0]) {
                case "echo" -> echo(broker, queue, Queue.named(arguments[3]));
                case "publish" -> publishForEver(broker, queue);
                case "work" -> workForEver(broker, queue, Path.of(arguments[3]));
                case "hammer" -> hammer(broker, queue, Integer.parseInt(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    /// The pipe from the test's process ends with that, however it ends.
    private static void endWithParent() {
        try (var pipe = System.in) {
            pipe.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // It is broken, and so at its end.
        }
        Runtime.getRuntime().halt(1);
    }

    /// Answers each message with one of the same text.
    private static void echo(Broker broker, Queue queue, Queue answers) {
        broker.declare(answers);
        try (var consumer = broker.consume(List.of(queue), 1)) {
            IO.println("ready");
            while (true) {
                for (var delivery : consumer.take(1, PATIENCE)) {
                    broker.publish(List.of(Databases.publication(answers, body(delivery))));
                    delivery.ack();
                }
            }
        }
    }

    /// Prints each text that the broker has accepted.
    private static void publishForEver(Broker broker, Queue queue) {
        var process = ProcessHandle.current().pid();
        for (var number = 0; true; number++) {
            var text = "%d-%d".formatted(process, number);
            broker.publish(List.of(Databases.publication(queue, text)));
            IO.println(text);
        }
    }

    /// Works, and leaves a trace of each task in the ledger: a file while it runs, which names the
    /// process, and one when it is done. Prints the name of a task that it finds running elsewhere.
    private static void workForEver(Broker broker, Queue queue, Path ledger) throws IOException {
        try (var consumer = broker.consume(List.of(queue), 8)) {
            while (true) {
                for (var delivery : consumer.take(4, PATIENCE)) {
                    work(ledger, body(delivery));
                    delivery.ack();
                }
            }
        }
    }

    private static void work(Path ledger, String task) throws IOException {
        var running = ledger.resolve("running-" + task);
        var process = Long.toString(ProcessHandle.current().pid());
        try {
            Files.writeString(running, process, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException _) {
            var other = Files.readString(running);
            if (!other.isEmpty() && ProcessHandle.of(Long.parseLong(other)).isPresent()) {
                IO.println(task + " is running in " + other);
            }
            Files.writeString(running, process);
        }
        // Work that takes some time, so that kills find tasks in all states.
        for (var step = 0; step < 20; step++) {
            Files.writeString(ledger.resolve("work-" + process), task);
        }
        Files.writeString(ledger.resolve("done-" + task), process);
        Files.deleteIfExists(running);
    }

    /// Eight threads that publish, take and acknowledge.
    private static void hammer(Broker broker, Queue queue, int messages) throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            var all =
                    IntStream.range(0, 8)
                            .<Future<?>>mapToObj(_ ->
                                    threads.submit(() -> {
                                        try (var consumer = broker.consume(List.of(queue), 4)) {
                                            for (var number = 0; number < messages; number++) {
                                                broker.publish(
                                                        List.of(Databases.publication(queue, "x")));
                                                consumer.take(2, Duration.ofSeconds(1))
                                                        .forEach(Delivery::ack);
                                            }
                                        }
                                        return null;
                                    }))
                            .toList();
            for (var one : all) {
                one.get();
            }
        }
    }

    private static String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }
}
