package dev.muster.benchmarks;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import java.io.IOException;

/// Muster's worker of the comparison, in a process of its own. It ends when its standard input
/// does.
final class BenchWorker {
    private BenchWorker() {}

    @Task(name = "bench.noop")
    static void noop() {}

    /// Settings come as system properties `muster.…`.
    ///
    /// @param args the number of slots
    public static void main(String[] args) throws IOException {
        try (var muster = Muster.builder().tasks(BenchWorker.class, WorkflowTasks.class).build();
                var worker = muster.worker().concurrency(Integer.parseInt(args[0])).start()) {
            System.out.println("started " + worker.hostname());
            while (System.in.read() >= 0) {
                // Its parent is still there.
            }
        }
    }
}
