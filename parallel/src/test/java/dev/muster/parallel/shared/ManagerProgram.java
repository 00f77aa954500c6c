package dev.muster.parallel.shared;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What other processes of the tests do, and how they are started. Each prints a line when it has
/// got as far as the test wants it.
final class ManagerProgram implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private ManagerProgram(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /// @param arguments what to do, the manager's address, and more
    static ManagerProgram start(String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ManagerProgram.class.getName()));
        command.addAll(List.of(arguments));
        return new ManagerProgram(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /// The next line that it prints.
    String line() throws IOException {
        var line = output.readLine();
        if (line == null) {
            throw new AssertionError("the process has ended");
        }
        return line;
    }

    /// The lines from here to its end.
    List<String> lines() {
        return output.lines().toList();
    }

    /// SIGKILL.
    void kill() {
        // Unlike that of Process, this leaves what it has printed readable.
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() throws IOException {
        kill();
        output.close();
    }

    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().name("orphan-guard").start(ManagerProgram::endWithParent);
        if (arguments[0].equals("serve")) {
            var manager = Managers.listen();
            IO.println(manager.address());
            Thread.currentThread().join();
        }
        var client = SharedClient.connect(arguments[1], Managers.KEY);
        switch (arguments[0]) {
            case "lock" -> {
                client.lock("lock").lock();
                IO.println("has the lock");
                Thread.currentThread().join();
            }
            case "permits" -> {
                client.semaphore("slots", 3).acquire(2);
                IO.println("has the permits");
                Thread.currentThread().join();
            }
            case "barrier" -> {
                IO.println("comes");
                client.barrier("start", 3).await();
            }
            case "take" -> {
                IO.println("takes");
                client.queue("values", String.class).take();
            }
            case "count" -> count(client, Integer.parseInt(arguments[2]));
            case "collect" -> {
                for (var value : client.queue("numbers", Integer.class)) {
                    IO.println(value);
                }
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /// Reads and writes in two steps, which only works with the lock.
    private static void count(SharedClient client, int rounds) throws Exception {
        var lock = client.lock("lock");
        var counter = client.counter("counter");
        client.barrier("start", 2).await();
        for (var round = 0; round < rounds; round++) {
            lock.lock();
            try {
                counter.set(counter.get() + 1);
            } finally {
                lock.unlock();
            }
        }
        IO.println("done");
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
}
