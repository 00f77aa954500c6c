package dev.muster.testkit;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Property tests: the same claim for many random values.
///
/// ```java
/// @Test
/// void readsWhatItWrote() {
///     Seeded.forAll(Generators.values(), value -> assertThat(read(write(value))).isEqualTo(value));
/// }
/// ```
///
/// Each run takes other values. A failure tells the seed, and the system property `seeded.seed` set
/// to it repeats the very same values. The property `seeded.cases` has so many values tried, for a
/// long search. (Names that begin with `muster.` are those of settings.)
public final class Seeded {
    private static final int CASES = 1_000;

    /// How often a failing value is replaced by a simpler one before we stop looking.
    private static final int MAX_SHRINKS = 2_000;

    private Seeded() {}

    /// What must hold for a value; it throws when it does not.
    @FunctionalInterface
    public interface Property<T extends @Nullable Object> {
        void check(T value) throws Throwable;
    }

    /// Checks 1,000 values.
    ///
    /// @throws AssertionError with the seed and the simplest value found for which the property
    ///   does not hold
    public static <T extends @Nullable Object> void forAll(
            Generator<T> generator, Property<T> property) {
        forAll(CASES, generator, property);
    }

    /// Checks that many values.
    public static <T extends @Nullable Object> void forAll(
            int cases, Generator<T> generator, Property<T> property) {
        var seed = Long.getLong("seeded.seed", new Random().nextLong());
        var random = new Random(seed);
        var wanted = Integer.getInteger("seeded.cases", cases);
        for (var number = 0; number < wanted; number++) {
            var value = generator.generate(random);
            var failure = failure(property, value);
            if (failure != null) {
                var simplest = simplest(generator, property, value, failure);
                throw new AssertionError(
                        "fails for the value %s (-Dseeded.seed=%d, case %d): %s"
                                .formatted(
                                        describe(simplest.value),
                                        seed,
                                        number,
                                        simplest.failure.getMessage()),
                        simplest.failure);
            }
        }
    }

    private record Counterexample<T extends @Nullable Object>(T value, Throwable failure) {}

    private static <T extends @Nullable Object> Counterexample<T> simplest(
            Generator<T> generator, Property<T> property, T value, Throwable failure) {
        var simplest = new Counterexample<T>(value, failure);
        var candidates = generator.shrink(value);
        var attempts = 0;
        for (var index = 0; index < candidates.size() && attempts < MAX_SHRINKS; index++) {
            attempts++;
            var again = failure(property, candidates.get(index));
            if (again != null) {
                simplest = new Counterexample<>(candidates.get(index), again);
                candidates = generator.shrink(simplest.value);
                index = -1;
            }
        }
        return simplest;
    }

    /// Text with escapes, because what fails is often invisible.
    private static String describe(@Nullable Object value) {
        var text = new StringBuilder();
        String.valueOf(value)
                .chars()
                .forEach(unit -> {
                    if (unit >= 0x20 && unit < 0x7f) {
                        text.append((char) unit);
                    } else {
                        text.append("\\u%04x".formatted(unit));
                    }
                });
        return "<%s>%s"
                .formatted(text, value == null ? "" : " of type " + value.getClass().getName());
    }

    private static <T extends @Nullable Object> @Nullable Throwable failure(
            Property<T> property, T value) {
        try {
            property.check(value);
            return null;
        } catch (Throwable e) { // a StackOverflowError is a finding like any other
            return e;
        }
    }
}
