package dev.muster.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Changes inputs, as little or as much as chance has it. Half of the changes are made to bytes,
/// the other half to tokens: words, numbers, texts in quotes, and what is between brackets. Used by
/// one thread.
final class Mutator {
    private static final int MAX_BYTES = 64 * 1024;

    /// What decoders of text may trip over.
    private static final List<byte[]> TRAPS =
            Stream.of(
                            "0",
                            "-0",
                            "-1",
                            "1",
                            "7",
                            "255",
                            "256",
                            "32768",
                            "65536",
                            "2147483647",
                            "2147483648",
                            "-2147483648",
                            "4294967296",
                            "9223372036854775807",
                            "9223372036854775808",
                            "-9223372036854775808",
                            "18446744073709551616",
                            "1e308",
                            "1e-308",
                            "1e999",
                            "-1e999",
                            "1E999999999",
                            "1E-999999999",
                            "1E2147483647",
                            "0.1",
                            "1.5",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            ".inf",
                            "0x7f",
                            "1_000",
                            "1:30",
                            "9".repeat(400),
                            "9".repeat(20_000),
                            "null",
                            "None",
                            "~",
                            "true",
                            "false",
                            "yes",
                            "''",
                            "\"\"",
                            "[]",
                            "{}",
                            "[[]]",
                            "{\"a\":1}",
                            "[null]",
                            "\" \"",
                            "\"\\u0000\"",
                            "\"\\ud800\"",
                            "\u0000",
                            "\u00e9",
                            "\u20ac",
                            "\ud83d\ude00",
                            "\u2028",
                            "\ufeff",
                            "\r\n",
                            "\t",
                            " ",
                            ",",
                            ":",
                            ";",
                            "/",
                            "//",
                            "?",
                            "#",
                            "%",
                            "%zz",
                            "%00",
                            "@",
                            "&*",
                            "*",
                            "\\",
                            "\\x",
                            "'",
                            "\"",
                            "[",
                            "]",
                            "{",
                            "}",
                            "(",
                            ")",
                            "<<",
                            "- ",
                            "--",
                            "---",
                            "...",
                            "&a",
                            "*a",
                            "!!",
                            "|",
                            "> ",
                            "=",
                            "+",
                            "$",
                            "^",
                            ".",
                            "../",
                            "0001-01-01",
                            "9999-12-31T23:59:59.999999+00:00",
                            "+999999999-12-31T23:59:59Z",
                            "-999999999-01-01T00:00:00+18:00",
                            "2024-02-30",
                            "1970-01-01T00:00:00",
                            "24:00:00")
                    .map(text -> text.getBytes(UTF_8))
                    .toList();

    /// What opens and closes a level of nesting.
    private static final List<byte[][]> LEVELS =
            Stream.of(
                            new String[] {"[", "]"},
                            new String[] {"{\"a\":", "}"},
                            new String[] {"(", ")"},
                            new String[] {"- ", ""},
                            new String[] {"[1,", "]"},
                            new String[] {"{a: ", "}"})
                    .map(level -> new byte[][] {level[0].getBytes(UTF_8), level[1].getBytes(UTF_8)})
                    .toList();

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        4,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        1 << 20,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 4,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final RandomGenerator random;

    Mutator(RandomGenerator random) {
        this.random = random;
    }

    /// @param input is not changed itself
    /// @param other may lend some of its parts
    byte[] mutate(byte[] input, byte[] other) {
        var changed = input;
        do {
            changed =
                    random.nextBoolean()
                            ? changeBytes(changed, other)
                            : changeTokens(changed, other);
            if (changed.length > MAX_BYTES) {
                changed = Arrays.copyOf(changed, MAX_BYTES);
            }
        } while (random.nextInt(3) != 0);
        return changed;
    }

    private byte[] changeBytes(byte[] input, byte[] other) {
        var part = part(input);
        return switch (random.nextInt(10)) {
            case 0, 1 -> withBit(input);
            case 2 -> withByte(input);
            case 3, 4 -> withNumber(input);
            case 5 -> without(input, part.from, part.to);
            case 6 -> replaced(input, part.from, part.from, randomBytes());
            case 7 -> replaced(input, part.to, part.to, repeated(part.of(input)));
            case 8 -> Arrays.copyOf(input, random.nextInt(input.length + 1));
            default -> replaced(input, part.from, part.to, part(other).of(other));
        };
    }

    private byte[] changeTokens(byte[] input, byte[] other) {
        var token = token(input);
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> replaced(input, token.from, token.to, any(TRAPS));
            case 3, 4 -> replaced(input, token.from, token.to, token(other).of(other));
            case 5 -> replaced(input, token.from, token.from, any(TRAPS));
            case 6 -> without(input, token.from, token.to);
            case 7 -> replaced(input, token.to, token.to, repeated(token.of(input)));
            default -> replaced(input, token.from, token.to, nested(token.of(input)));
        };
    }

    /// A part of an input, from one place up to another.
    private record Part(int from, int to) {
        byte[] of(byte[] input) {
            return Arrays.copyOfRange(input, from, to);
        }
    }

    /// Any part, short ones more often.
    private Part part(byte[] input) {
        var from = random.nextInt(input.length + 1);
        var most = Math.min(input.length - from, 1 << random.nextInt(10));
        return new Part(from, from + random.nextInt(most + 1));
    }

    /// The token at any place.
    private Part token(byte[] input) {
        if (input.length == 0) {
            return new Part(0, 0);
        }
        var from = random.nextInt(input.length);
        var to = from + 1;
        switch (input[from]) {
            case '"', '\'' -> {
                while (to < input.length && input[to++] != input[from]) {
                    // goes on to the next quote
                }
            }
            case '[', '{', '(' -> {
                for (var depth = 1; to < input.length && depth > 0; to++) {
                    depth += depth(input[to]);
                }
            }
            default -> {
                if (isPartOfWord(input[from])) {
                    while (from > 0 && isPartOfWord(input[from - 1])) {
                        from--;
                    }
                    while (to < input.length && isPartOfWord(input[to])) {
                        to++;
                    }
                }
            }
        }
        return new Part(from, to);
    }

    private static int depth(byte letter) {
        return switch (letter) {
            case '[', '{', '(' -> 1;
            case ']', '}', ')' -> -1;
            default -> 0;
        };
    }

    private static boolean isPartOfWord(byte letter) {
        return Character.isLetterOrDigit(letter) || letter == '_' || letter == '.' || letter == '-';
    }

    private byte[] withBit(byte[] input) {
        var changed = input.clone();
        if (changed.length > 0) {
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return changed;
    }

    private byte[] withByte(byte[] input) {
        var changed = input.clone();
        if (changed.length > 0) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        return changed;
    }

    /// Overwrites a number of one to eight bytes, most significant first, as lengths are written.
    private byte[] withNumber(byte[] input) {
        var size = 1 << random.nextInt(4);
        if (input.length < size) {
            return input;
        }
        var at = random.nextInt(input.length - size + 1);
        var old = 0L;
        for (var index = 0; index < size; index++) {
            old = old << Byte.SIZE | (input[at + index] & 0xff);
        }
        var number =
                random.nextBoolean()
                        ? old + random.nextInt(-4, 5)
                        : NUMBERS[random.nextInt(NUMBERS.length)];
        var changed = input.clone();
        for (var index = size - 1; index >= 0; index--) {
            changed[at + index] = (byte) number;
            number >>= Byte.SIZE;
        }
        return changed;
    }

    private byte[] randomBytes() {
        var bytes = new byte[1 + random.nextInt(8)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] repeated(byte[] part) {
        return repeated(part, manyTimes());
    }

    private static byte[] repeated(byte[] part, int times) {
        var repeated = new ByteArrayOutputStream();
        for (var left = times; left > 0 && repeated.size() < MAX_BYTES; left--) {
            repeated.writeBytes(part);
        }
        return repeated.toByteArray();
    }

    /// Some times, or, as it makes long inputs that take their time, seldom thousands of times.
    private int manyTimes() {
        return 1 + random.nextInt(1 << random.nextInt(random.nextInt(10) == 0 ? 15 : 5));
    }

    private byte[] nested(byte[] part) {
        var level = any(LEVELS);
        var depth = manyTimes();
        var nested = new ByteArrayOutputStream();
        nested.writeBytes(repeated(level[0], depth));
        nested.writeBytes(part);
        nested.writeBytes(repeated(level[1], depth));
        return nested.toByteArray();
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    static byte[] without(byte[] input, int from, int to) {
        return replaced(input, from, to, new byte[0]);
    }

    private static byte[] replaced(byte[] input, int from, int to, byte[] by) {
        var changed = new byte[input.length - (to - from) + by.length];
        System.arraycopy(input, 0, changed, 0, from);
        System.arraycopy(by, 0, changed, from, by.length);
        System.arraycopy(input, to, changed, from + by.length, input.length - to);
        return changed;
    }
}
