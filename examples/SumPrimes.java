import dev.muster.parallel.cluster.ClusterPool;
import dev.muster.parallel.cluster.Discovery;
import dev.muster.parallel.wire.SharedKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/// Sums of primes, spread over the processors of this machine and over all pool servers that answer.
/// A callback adds the results up as they come.
///
///     muster pool serve                                    # in another window
///     muster run examples/SumPrimes.java
///
///     muster pool serve --listen 0.0.0.0:7474 --key-file muster.key          # on other machines
///     muster run examples/SumPrimes.java --key-file muster.key --local 0 200000 300000
public class SumPrimes {
    static boolean isPrime(int n) {
        for (var divisor = 2; divisor <= n / divisor; divisor++) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return n > 1;
    }

    static long sumOfPrimesBelow(int n) {
        var sum = 0L;
        for (var candidate = 2; candidate < n; candidate++) {
            sum += isPrime(candidate) ? candidate : 0;
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        var builder = ClusterPool.builder();
        var discovery = Discovery.DEFAULT;
        var limits = new ArrayList<Integer>();
        var words = List.of(args).iterator();
        while (words.hasNext()) {
            switch (words.next()) {
                case "--key-file" -> builder.key(SharedKey.read(Path.of(words.next())));
                case "--local" -> builder.local(Integer.parseInt(words.next()));
                case "--port" -> discovery = discovery.withPort(Integer.parseInt(words.next()));
                case String limit -> limits.add(Integer.valueOf(limit));
            }
        }
        if (limits.isEmpty()) {
            for (var n = 100_000; n <= 800_000; n += 100_000) {
                limits.add(n);
            }
        }
        var total = new LongAdder();
        try (var pool = builder.discover(discovery).open()) {
            var sums = new ArrayList<CompletableFuture<Void>>();
            for (int limit : limits) {
                sums.add(
                        pool.submit(SumPrimes::sumOfPrimesBelow, limit)
                                .thenAccept(
                                        sum -> {
                                            total.add(sum);
                                            IO.println(
                                                    "primes below %d add up to %d"
                                                            .formatted(limit, sum));
                                        }));
            }
            CompletableFuture.allOf(sums.toArray(CompletableFuture[]::new)).join();
            IO.println("all of them add up to %d%n".formatted(total.sum()));
            IO.print(pool.statistics());
        }
    }
}
