import dev.muster.parallel.Pool;
import java.util.List;
import java.util.stream.Stream;

/// Which of some large numbers are prime? Each is tested in a process of a pool, the answers come in order.
///
///     ./muster run examples/Primes.java
///     ./muster run examples/Primes.java 1000000007 1000000011
public class Primes {
    private static final List<Long> NUMBERS = List.of(
            112_272_535_095_293L,
            112_582_705_942_171L,
            112_272_535_095_293L,
            115_280_095_190_773L,
            115_797_848_077_099L,
            1_099_726_899_285_419L);

    static boolean isPrime(long n) {
        if (n < 4 || n % 2 == 0) {
            return n == 2 || n == 3;
        }
        for (var divisor = 3L; divisor <= n / divisor; divisor += 2) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    public static void main(String[] args) {
        var numbers = args.length == 0 ? NUMBERS : Stream.of(args).map(Long::valueOf).toList();
        try (var pool = Pool.processes()) {
            var answers = pool.map(Primes::isPrime, numbers);
            for (var index = 0; index < numbers.size(); index++) {
                IO.println(numbers.get(index) + " " + answers.get(index));
            }
        }
    }
}
