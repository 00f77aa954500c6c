import dev.muster.parallel.Measurement;
import dev.muster.parallel.Pool;
import dev.muster.parallel.Speedup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The same function on threads and on processes: Fibonacci numbers, computed as slowly as can be,
/// n at a time with n workers. On a machine with n free processors the time stays the same.
///
///     ./muster run examples/Fib.java           # of 34
///     ./muster run examples/Fib.java 40 8      # of 40, with up to 8 workers
public class Fib {
    private static final int ROUNDS = 5;

    static long fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    public static void main(String[] args) {
        var number = args.length > 0 ? Integer.parseInt(args[0]) : 34;
        var most = args.length > 1 ? Integer.parseInt(args[1]) : 4;
        table("threads", number, most);
        table("processes", number, most);
    }

    private static void table(String kind, int number, int most) {
        IO.println("%-12s %8s %8s".formatted(kind, "seconds", "speed-up"));
        var measured = new ArrayList<Measurement>();
        for (var n = 1; n <= most; n++) {
            try (var pool = kind.equals("threads") ? Pool.threads(n) : Pool.processes(n)) {
                List<Integer> numbers = Collections.nCopies(n, number);
                List<Long> results = pool.map(Fib::fib, numbers); // the first calls start the workers
                var seconds = seconds(pool, numbers);

                // n results in this time: what one worker would have needed n times as long for.
                measured.add(new Measurement(n, seconds / n));
                var speedUp = measured.getFirst().seconds() / measured.getLast().seconds();
                IO.println("n = %-8d %8.3f %8.2f   %s".formatted(n, seconds, speedUp, results));
            }
        }
        var processors = Runtime.getRuntime().availableProcessors();
        var free = measured.stream().filter(each -> each.n() <= processors).toList();
        if (free.size() > 1) {
            IO.println("parallel part %.3f, from n up to %d processors%n"
                    .formatted(Speedup.fit(free).parallelFraction(), processors));
        }
    }

    /// The shortest of some rounds, as other programs use the processors now and then.
    private static double seconds(Pool pool, List<Integer> numbers) {
        var shortest = Long.MAX_VALUE;
        for (var round = 0; round < ROUNDS; round++) {
            var start = System.nanoTime();
            pool.map(Fib::fib, numbers);
            shortest = Math.min(shortest, System.nanoTime() - start);
        }
        return shortest / 1e9;
    }
}
