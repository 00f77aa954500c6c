import dev.muster.parallel.pipeline.Generator;
import java.util.NoSuchElementException;

/// An iterator that is written as a loop. It computes each value when it is asked for, and runs once.
///
///     ./muster run examples/Generators.java
public class Generators {
    static Generator<Integer> mygenerator(int n) {
        return Generator.of(out -> {
            for (var left = n; left > 0; left--) {
                out.emit(left - 1);
            }
        });
    }

    static Generator<Long> fibonacci() {
        return Generator.of(out -> {
            for (long a = 0, b = 1; ; b += a, a = b - a) {
                out.emit(a);
            }
        });
    }

    public static void main(String[] args) {
        var generator = mygenerator(3);
        IO.println(generator.next());
        IO.println(generator.next());
        IO.println(generator.next());
        try {
            generator.next();
        } catch (NoSuchElementException e) {
            IO.println("the end: " + e.getMessage());
        }
        // An endless one is closed with its stream.
        try (var numbers = fibonacci().stream()) {
            IO.println(numbers.limit(10).toList());
        }
    }
}
