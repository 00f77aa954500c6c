import dev.muster.parallel.Pool;
import dev.muster.parallel.PoolFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The life of a call in a child process, seen through its future: one that returns, one that fails,
/// and one that is cancelled.
///
///     ./muster run examples/Futures.java         # fib(38)
///     ./muster run examples/Futures.java 42
public class Futures {
    static long fib(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("there is no Fibonacci number " + n);
        }
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    public static void main(String[] args) throws Exception {
        var number = args.length == 0 ? 38 : Integer.parseInt(args[0]);
        try (var pool = Pool.processes(1)) {
            IO.println("fib(" + number + ")");
            var future = pool.submit(Futures::fib, number);
            awaitStart(future);
            IO.println("  running:    " + future.isRunning());
            IO.println("  done:       " + future.isDone());
            try {
                future.get(0, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                IO.println("  at once:    time-out");
            }
            IO.println("  result:     " + future.get());
            IO.println("  done:       " + future.isDone());
            IO.println("  cancelled:  " + future.isCancelled());
            IO.println("  state:      " + future.state());

            IO.println("fib(-1)");
            var failing = pool.submit(Futures::fib, -1);
            try {
                failing.get();
            } catch (ExecutionException e) {
                IO.println("  exception:  " + e.getCause().getMessage());
            }
            IO.println("  state:      " + failing.state());

            IO.println("fib(90), which would take years");
            var endless = pool.submit(Futures::fib, 90);
            awaitStart(endless);
            endless.cancel(true); // its process is killed; the pool starts another one
            IO.println("  cancelled:  " + endless.isCancelled());
            IO.println("  state:      " + endless.state());
            IO.println("and the next:  " + pool.submit(Futures::fib, 10).get());
        }
    }

    /// A process takes a moment to start.
    private static void awaitStart(PoolFuture<Long> future) throws InterruptedException {
        while (!future.isRunning() && !future.isDone()) {
            Thread.sleep(1);
        }
    }
}
