package dev.muster.benchmarks;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Muster's worker of the comparison, in a process of its own. It ends when its standard input
/// does.
final class BenchWorker {
    private BenchWorker() {}

    @Task(name = "bench.noop")
    static void noop() {}

    @Task(name = "bench.take")
    static int take(String text) {
        return text.length();
    }

    @Task(name = "bench.wait")
    static void pause(int milliseconds) throws InterruptedException {
        Thread.sleep(milliseconds);
    }

    /// @param queues that it reads; none for the one of the settings
    static Child start(Map<String, String> settings, int slots, List<String> queues, Path folder) {
        var options =
                new ArrayList<>(
                        List.of(
                                // As the command's worker has it.
                                "-XX:+UseG1GC",
                                "-Xms32m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dlogback.configurationFile=quiet.xml"));
        settings.forEach((name, value) -> options.add("-Dmuster." + name + "=" + value));
        var arguments = new ArrayList<>(List.of(String.valueOf(slots)));
        arguments.addAll(queues);
        var worker = Child.java(BenchWorker.class, options, arguments, folder);
        worker.awaitLine("started");
        return worker;
    }

    /// Settings come as system properties `muster.…`.
    ///
    /// @param args the number of slots, and the queues
    public static void main(String[] args) throws IOException {
        var queues = Arrays.copyOfRange(args, 1, args.length);
        try (var muster = Muster.builder().tasks(BenchWorker.class, WorkflowTasks.class).build()) {
            var builder = muster.worker().concurrency(Integer.parseInt(args[0]));
            try (var worker = (queues.length == 0 ? builder : builder.queues(queues)).start()) {
                System.out.println("started " + worker.hostname());
                while (System.in.read() >= 0) {
                    // Its parent is still there.
                }
            }
        }
    }
}
