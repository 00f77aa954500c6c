package dev.muster.queue.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Makes plain trees and damages bytes, the same ones for the same seed.
final class RandomValues {
    private static final String LETTERS =
            "ab 01.,:-_'\"\\\n\t\u0001\u007f\u00e4\u20ac{}[]#&*!|>%@`=~?";

    private static final double[] DOUBLES = {
        0.0, -0.0, 1.0, 0.1, 1e16, 1e-5, Double.MIN_VALUE, Double.MAX_VALUE, -123456789.5, 1e23
    };

    private final Random random;

    RandomValues(long seed) {
        random = new Random(seed);
    }

    @Nullable Object value() {
        return value(4);
    }

    private @Nullable Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextLong() >> random.nextInt(64);
            case 3 -> Double.longBitsToDouble(random.nextLong());
            case 4 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 5 -> BigInteger.ONE.shiftLeft(63).add(BigInteger.valueOf(random.nextInt(1000)));
            case 6 -> text();
            case 7 -> {
                var list = new ArrayList<@Nullable Object>();
                for (var count = random.nextInt(5); count > 0; count--) {
                    list.add(value(depth - 1));
                }
                yield list;
            }
            default -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                for (var count = random.nextInt(5); count > 0; count--) {
                    map.put(text(), value(depth - 1));
                }
                yield map;
            }
        };
    }

    String text() {
        var text = new StringBuilder();
        for (var count = random.nextInt(12); count > 0; count--) {
            if (random.nextInt(10) == 0) {
                text.appendCodePoint(0x1f600 + random.nextInt(20));
            } else {
                text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
        }
        return text.toString();
    }

    byte[] bytes(int maxLength) {
        var bytes = new byte[random.nextInt(maxLength + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Changes, cuts, repeats or inserts somewhere.
    byte[] damage(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes(8);
        }
        var at = random.nextInt(bytes.length);
        return switch (random.nextInt(4)) {
            case 0 -> {
                var copy = bytes.clone();
                copy[at] = (byte) random.nextInt(256);
                yield copy;
            }
            case 1 -> Arrays.copyOf(bytes, at);
            case 2 -> concatenate(bytes, Arrays.copyOfRange(bytes, at, bytes.length));
            default ->
                    concatenate(
                            concatenate(Arrays.copyOf(bytes, at), bytes(4)),
                            Arrays.copyOfRange(bytes, at, bytes.length));
        };
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
