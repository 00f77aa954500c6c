package dev.muster.queue.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes one value as JSON, in the very form of Python's `json.dumps`: ASCII only, a space after
/// comma and colon, Python's text for floats. Peers compare such text byte for byte (celery-wire
/// 11.1), which is why this is not left to a library. Used once, by one thread.
final class JsonWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /// Holds a typical task with its envelope.
    private static final int INITIAL_SIZE = 1536;

    /// The longest escape, a backslash, `u` and four digits.
    private static final int ESCAPE_SIZE = 6;

    private static final int LONG_SIZE = 20;

    /// What a Java array can hold.
    private static final int MAX_SIZE = Integer.MAX_VALUE - 8;

    private final boolean typedValues;
    private byte[] bytes = new byte[INITIAL_SIZE];
    private int size;

    JsonWriter(boolean typedValues) {
        this.typedValues = typedValues;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.ISO_8859_1); // ASCII: copied as it is
    }

    void write(@Nullable Object value) {
        write(value, 0);
    }

    private void write(@Nullable Object value, int depth) {
        switch (value) {
            case null -> ascii("null");
            case String text -> string(text);
            case Boolean flag -> ascii(flag ? "true" : "false");
            case Integer number -> number(number);
            case Long number -> number(number);
            case Double number -> number(number.doubleValue());
            case BigInteger number -> ascii(number.toString());
            case Map<?, ?> map -> map(map, depth);
            case Collection<?> items -> list(items, depth);
            default -> other(value, depth);
        }
    }

    private void other(Object value, int depth) {
        var typed = typedValues ? TypedValue.of(value) : null;
        if (typed != null) {
            typed(typed);
            return;
        }
        var bare = typedValues ? null : TypedValue.bareText(value);
        if (bare != null) {
            string(bare);
        } else {
            write(Plain.top(value), depth);
        }
    }

    private void typed(TypedValue typed) {
        ascii("{\"__type__\": \"");
        ascii(typed.type());
        ascii("\", \"__value__\": ");
        if (typed.type().equals(TypedValue.UUID_TYPE)) {
            ascii("{\"hex\": \"");
            ascii(typed.text());
            ascii("\"}");
        } else {
            string(typed.text());
        }
        put('}');
    }

    private void map(Map<?, ?> map, int depth) {
        Plain.checkDepth(depth);
        put('{');
        var first = true;
        for (var entry : map.entrySet()) {
            if (!first) {
                ascii(", ");
            }
            first = false;
            string(Plain.key(entry.getKey()));
            ascii(": ");
            write(entry.getValue(), depth + 1);
        }
        put('}');
    }

    private void list(Collection<?> items, int depth) {
        Plain.checkDepth(depth);
        put('[');
        var first = true;
        for (var item : items) {
            if (!first) {
                ascii(", ");
            }
            first = false;
            write(item, depth + 1);
        }
        put(']');
    }

    private void number(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new EncodeException(
                    "%s cannot be written as JSON; send null or a text instead".formatted(number));
        }
        ascii(PythonFloat.repr(number));
    }

    private void number(long number) {
        if (number == Long.MIN_VALUE) {
            ascii(Long.toString(number)); // it has no positive twin
            return;
        }
        ensure(LONG_SIZE);
        if (number < 0) {
            bytes[size++] = '-';
        }
        var rest = Math.abs(number);
        var start = size;
        do {
            bytes[size++] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        for (int left = start, right = size - 1; left < right; left++, right--) {
            var digit = bytes[left];
            bytes[left] = bytes[right];
            bytes[right] = digit;
        }
    }

    private void string(String text) {
        var length = text.length();
        ensure(length + 2);
        bytes[size++] = '"';
        for (var index = 0; index < length; index++) {
            var letter = text.charAt(index);
            if (letter >= ' ' && letter < 0x7f && letter != '"' && letter != '\\') {
                bytes[size++] = (byte) letter;
            } else {
                escape(letter);
                ensure(length - index);
            }
        }
        bytes[size++] = '"';
    }

    /// A lone surrogate is escaped like any other character, as Python does.
    private void escape(char letter) {
        ensure(ESCAPE_SIZE);
        bytes[size++] = '\\';
        switch (letter) {
            case '"', '\\' -> bytes[size++] = (byte) letter;
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            default -> {
                bytes[size++] = 'u';
                for (var shift = 12; shift >= 0; shift -= 4) {
                    bytes[size++] = HEX[letter >> shift & 0xf];
                }
            }
        }
    }

    private void ascii(String text) {
        var length = text.length();
        ensure(length);
        for (var index = 0; index < length; index++) {
            bytes[size++] = (byte) text.charAt(index);
        }
    }

    private void put(char letter) {
        ensure(1);
        bytes[size++] = (byte) letter;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            // By a part of what there is, so that a text of a megabyte is not copied for each quote
            // in it.
            var wanted = Math.max((long) size + more, (long) bytes.length + (bytes.length >> 1));
            if ((long) size + more > MAX_SIZE) {
                throw new EncodeException("the value takes more than 2 GB as JSON");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_SIZE));
        }
    }
}
