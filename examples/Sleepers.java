import dev.muster.parallel.Async;
import dev.muster.parallel.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/// Calls that wait, side by side: all take as long as the longest. Code that computes, instead of waiting,
/// goes to a pool meanwhile.
///
///     ./muster run examples/Sleepers.java            # 10 seconds, 1 and 1
///     ./muster run examples/Sleepers.java 2 0.5
public class Sleepers {
    static String sleep(String seconds) throws InterruptedException {
        Thread.sleep(duration(seconds));
        IO.println("slept " + seconds + " s");
        return seconds;
    }

    private static Duration duration(String seconds) {
        return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
    }

    /// How many steps the Collatz sequences of all numbers up to `limit` have together.
    static long steps(int limit) {
        var steps = 0L;
        for (var first = 1; first <= limit; first++) {
            for (long n = first; n != 1; n = n % 2 == 0 ? n / 2 : 3 * n + 1) {
                steps++;
            }
        }
        return steps;
    }

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        var seconds = args.length == 0 ? List.of("10", "1", "1") : List.of(args);
        var start = System.nanoTime();
        try (var pool = Pool.threads(1)) {
            var steps = pool.submit(Sleepers::steps, 100_000);

            var calls = new ArrayList<Callable<String>>();
            seconds.forEach(each -> calls.add(() -> sleep(each)));
            var slept = Async.gather(calls);

            IO.println("computed meanwhile: " + steps.get());
            IO.println("in the order of the calls: " + slept);
        }
        var longest = seconds.stream().mapToDouble(Double::parseDouble).max().orElse(0);
        IO.println("%.1f s in total, the longest call %.1f s".formatted((System.nanoTime() - start) / 1e9, longest));
    }
}
