import dev.muster.parallel.ChildProcess;
import dev.muster.parallel.ProcessQueue;
import dev.muster.parallel.SerializableFunction.Of1;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/// Worker processes take a function and its argument from one queue, and put results into another.
///
///     ./muster run examples/Queues.java                   (fib(34), 4 times, by 4 processes that a sentinel ends)
///     ./muster run examples/Queues.java 2 8 close         (8 times, by 2 processes; the queue is closed instead)
public class Queues {
    /// What is to be done: no function is the sentinel.
    record Task(Of1<Integer, Long> function, int argument) implements Serializable {
        static final Task STOP = new Task(null, 0);
    }

    static long fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    /// Runs in the worker processes. The loop ends when the queue is closed as well.
    static void work(ProcessQueue<Task> tasks, ProcessQueue<Long> results) throws Exception {
        for (var task : tasks) {
            if (task.function() == null) {
                return;
            }
            results.put(task.function().call(task.argument()));
        }
    }

    public static void main(String[] args) throws Exception {
        var workers = args.length > 0 ? Integer.parseInt(args[0]) : 4;
        var calls = args.length > 1 ? Integer.parseInt(args[1]) : workers;
        var closes = args.length > 2 && args[2].equals("close");

        ProcessQueue<Task> tasks = ProcessQueue.bounded(100);
        ProcessQueue<Long> results = ProcessQueue.bounded(100);
        List<ChildProcess> processes = new ArrayList<>();
        for (var n = 0; n < workers; n++) {
            processes.add(ChildProcess.start(Queues::work, tasks, results));
        }
        for (var n = 0; n < calls; n++) {
            tasks.put(new Task(Queues::fib, 34));
        }
        if (closes) {
            tasks.close();
        } else {
            for (var n = 0; n < workers; n++) {
                tasks.put(Task.STOP);
            }
        }
        for (var n = 0; n < calls; n++) {
            IO.println(results.take());
        }
        for (var process : processes) {
            process.join();
        }
    }
}
