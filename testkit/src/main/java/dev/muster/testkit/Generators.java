package dev.muster.testkit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Generators of numbers, text and plain data.
public final class Generators {
    private static final int MAX_DEPTH = 4;
    private static final int MAX_ITEMS = 6;

    private Generators() {}

    /// All `int` values, small ones and powers of two and their neighbours more often.
    public static Generator<Integer> ints() {
        return random -> (int) anyLong(random, Integer.SIZE);
    }

    /// All `long` values, as [#ints()].
    public static Generator<Long> longs() {
        return random -> anyLong(random, Long.SIZE);
    }

    private static long anyLong(RandomGenerator random, int bits) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(-10, 11);
            case 1 -> (1L << random.nextInt(bits)) + random.nextInt(-1, 2);
            case 2 -> -(1L << random.nextInt(bits)) + random.nextInt(-1, 2);
            default -> random.nextLong();
        };
    }

    /// Whole numbers of up to 200 bits, many just around the limits of `long`.
    public static Generator<BigInteger> bigIntegers() {
        return random -> {
            var power = BigInteger.TWO.pow(random.nextInt(200));
            var near = BigInteger.valueOf(random.nextInt(-1, 2));
            return switch (random.nextInt(3)) {
                case 0 -> power.add(near);
                case 1 -> power.negate().add(near);
                default -> new BigInteger(random.nextInt(200), asJavaUtil(random));
            };
        };
    }

    private static Random asJavaUtil(RandomGenerator random) {
        return new Random(random.nextLong());
    }

    /// All `double` values, with infinities, NaN, zeros and the ends of the range.
    public static Generator<Double> doubles() {
        return random ->
                switch (random.nextInt(4)) {
                    case 0 -> special(random);
                    case 1 -> (double) anyLong(random, Long.SIZE);
                    case 2 -> random.nextGaussian();
                    default -> Double.longBitsToDouble(random.nextLong());
                };
    }

    /// As [#doubles()], without infinities and NaN.
    public static Generator<Double> finiteDoubles() {
        var doubles = doubles();
        return random -> {
            var value = doubles.generate(random);
            return Double.isFinite(value) ? value : 0.5;
        };
    }

    private static double special(RandomGenerator random) {
        var values =
                new double[] {
                    0.0,
                    -0.0,
                    1.0,
                    0.1,
                    1e16,
                    1e22,
                    1e23,
                    Double.MIN_VALUE,
                    Double.MIN_NORMAL,
                    Double.MAX_VALUE,
                    -Double.MAX_VALUE,
                    Double.POSITIVE_INFINITY,
                    Double.NEGATIVE_INFINITY,
                    Double.NaN
                };
        return values[random.nextInt(values.length)];
    }

    /// Valid Unicode text of up to 40 characters: letters, what needs escapes, control characters,
    /// all planes.
    public static Generator<String> strings() {
        return text(false);
    }

    /// As [#strings()], with surrogates that lack their other half now and then, which Java and
    /// Python allow and UTF-8 does not.
    public static Generator<String> stringsWithLoneSurrogates() {
        return text(true);
    }

    private static Generator<String> text(boolean loneSurrogates) {
        return new Generator<>() {
            @Override
            public String generate(RandomGenerator random) {
                var text = new StringBuilder();
                for (var left = random.nextInt(40); left > 0; left--) {
                    text.appendCodePoint(codePoint(random, loneSurrogates));
                }
                return text.toString();
            }

            // Cuts between code points, so that no surrogate loses its other half.
            @Override
            public List<String> shrink(String value) {
                var points = value.codePoints().boxed().toList();
                return shorter(points).stream()
                        .map(list -> {
                            var text = new StringBuilder();
                            list.forEach(text::appendCodePoint);
                            return text.toString();
                        })
                        .toList();
            }
        };
    }

    private static int codePoint(RandomGenerator random, boolean loneSurrogates) {
        return switch (random.nextInt(loneSurrogates ? 7 : 6)) {
            case 0 -> random.nextInt(0x20);
            case 1 ->
                    "\"\\/'<>&\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffd\uffff"
                            .charAt(random.nextInt(15));
            case 2 -> random.nextInt(0xa0, 0x250);
            case 3 -> random.nextInt(0x2000, 0xd800);
            case 4 -> random.nextInt(0x10000, 0x110000);
            case 6 -> random.nextInt(0xd800, 0xe000);
            default -> random.nextInt(0x20, 0x7f);
        };
    }

    /// Lists of up to six values.
    public static <T extends @Nullable Object> Generator<List<T>> lists(Generator<T> items) {
        return new Generator<>() {
            @Override
            public List<T> generate(RandomGenerator random) {
                var list = new ArrayList<T>();
                for (var left = random.nextInt(MAX_ITEMS); left > 0; left--) {
                    list.add(items.generate(random));
                }
                return list;
            }

            @Override
            public List<List<T>> shrink(List<T> value) {
                var simpler = new ArrayList<>(shorter(value));
                for (var index = 0; index < value.size(); index++) {
                    for (var item : items.shrink(value.get(index))) {
                        var copy = new ArrayList<>(value);
                        copy.set(index, item);
                        simpler.add(copy);
                    }
                }
                return simpler;
            }
        };
    }

    /// Plain data as it travels in messages: `null`, `Boolean`, `Long`, `BigInteger` beyond the
    /// range of `Long`, finite `Double`, `String`, and `List` and `Map` with text keys of such.
    public static Generator<@Nullable Object> values() {
        return new PlainValues();
    }

    private static final class PlainValues implements Generator<@Nullable Object> {
        private static final Generator<String> STRINGS = strings();
        private static final Generator<Double> DOUBLES = finiteDoubles();
        private static final Generator<BigInteger> BIG_INTEGERS = bigIntegers();

        @Override
        public @Nullable Object generate(RandomGenerator random) {
            return generate(random, MAX_DEPTH);
        }

        private @Nullable Object generate(RandomGenerator random, int depth) {
            return switch (random.nextInt(depth == 0 ? 6 : 8)) {
                case 0 -> null;
                case 1 -> random.nextBoolean();
                case 2 -> anyLong(random, Long.SIZE);
                case 3 -> wholeNumber(random);
                case 4 -> DOUBLES.generate(random);
                case 5 -> STRINGS.generate(random);
                case 6 -> list(random, depth - 1);
                default -> map(random, depth - 1);
            };
        }

        private static Object wholeNumber(RandomGenerator random) {
            var number = BIG_INTEGERS.generate(random);
            return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
        }

        private List<@Nullable Object> list(RandomGenerator random, int depth) {
            var list = new ArrayList<@Nullable Object>();
            for (var left = random.nextInt(MAX_ITEMS); left > 0; left--) {
                list.add(generate(random, depth));
            }
            return list;
        }

        private Map<String, @Nullable Object> map(RandomGenerator random, int depth) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            for (var left = random.nextInt(MAX_ITEMS); left > 0; left--) {
                map.put(STRINGS.generate(random), generate(random, depth));
            }
            return map;
        }

        @Override
        public List<@Nullable Object> shrink(@Nullable Object value) {
            return switch (value) {
                case String text -> new ArrayList<>(STRINGS.shrink(text));
                case List<?> list -> {
                    var simpler = new ArrayList<@Nullable Object>(list);
                    simpler.addAll(lists(this).shrink(new ArrayList<>(list)));
                    yield simpler;
                }
                case Map<?, ?> map -> {
                    var simpler = new ArrayList<@Nullable Object>(map.values());
                    for (var key : map.keySet()) {
                        var without = new LinkedHashMap<>(map);
                        without.remove(key);
                        simpler.add(without);
                    }
                    for (var entry : map.entrySet()) {
                        for (var item : shrink(entry.getValue())) {
                            var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>(map);
                            copy.put(entry.getKey(), item);
                            simpler.add(copy);
                        }
                    }
                    yield simpler;
                }
                case null -> List.of();
                default -> List.of();
            };
        }
    }

    /// Empty, each half, and all but one.
    private static <T extends @Nullable Object> List<List<T>> shorter(List<T> value) {
        var simpler = new ArrayList<List<T>>();
        if (value.isEmpty()) {
            return simpler;
        }
        simpler.add(List.of());
        if (value.size() > 2) {
            simpler.add(new ArrayList<>(value.subList(0, value.size() / 2)));
            simpler.add(new ArrayList<>(value.subList(value.size() / 2, value.size())));
        }
        for (var index = 0; index < value.size() && value.size() > 1; index++) {
            var without = new ArrayList<>(value);
            without.remove(index);
            simpler.add(without);
        }
        return simpler;
    }
}
