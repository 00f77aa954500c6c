package dev.muster.queue.codec;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Values as Python's `repr` prints them, for people: `argsrepr` and `kwargsrepr` of a message,
/// logs and events (celery-wire 1.2). Never throws; dates are shown as ISO text.
public final class PythonRepr {
    /// What Celery keeps of arguments.
    public static final int DEFAULT_LIMIT = 1024;

    private static final String CUT = "...";

    private final StringBuilder text = new StringBuilder();
    private final int limit;

    private PythonRepr(int limit) {
        this.limit = limit;
    }

    /// @param limit the length, at least 3, beyond which the text is cut, ending in `...`
    public static String of(@Nullable Object plain, int limit) {
        var repr = new PythonRepr(limit);
        repr.append(plain, 0);
        return repr.cut();
    }

    /// Cut at 1024 characters.
    public static String value(@Nullable Object plain) {
        return of(plain, DEFAULT_LIMIT);
    }

    /// Positional arguments, as a tuple: `()`, `(1,)`, `(1, 'a')`. Cut at 1024 characters.
    public static String args(List<?> args) {
        var repr = new PythonRepr(DEFAULT_LIMIT);
        repr.items(args, "(", args.size() == 1 ? ",)" : ")", 0);
        return repr.cut();
    }

    /// Keyword arguments: `{}`, `{'k': [1, 2]}`. Cut at 1024 characters.
    public static String kwargs(Map<String, ?> kwargs) {
        return value(kwargs);
    }

    private String cut() {
        if (text.length() <= limit) {
            return text.toString();
        }
        var end = limit - CUT.length();
        if (Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end) + CUT;
    }

    private boolean isFull() {
        return text.length() > limit;
    }

    private void append(@Nullable Object value, int depth) {
        switch (simplify(value)) {
            case null -> text.append("None");
            case Boolean flag -> text.append(flag ? "True" : "False");
            case Double number -> text.append(PythonFloat.repr(number));
            case BigDecimal number -> text.append("Decimal('").append(number).append("')");
            case Number number -> text.append(number);
            case String string -> quote(string);
            case byte[] bytes -> quote(bytes);
            case UUID uuid -> text.append("UUID('").append(uuid).append("')");
            case Map<?, ?> map -> map(map, depth);
            case Collection<?> items -> items(items, "[", "]", depth);
            case Object other -> quote(timeText(other));
        }
    }

    private static @Nullable Object simplify(@Nullable Object value) {
        try {
            return Plain.top(value);
        } catch (EncodeException _) {
            return value == null ? null : value.getClass().getName();
        }
    }

    private static String timeText(Object time) {
        try {
            var typed = TypedValue.of(time);
            return typed == null ? time.toString() : typed.text();
        } catch (EncodeException _) {
            return time.toString(); // a year that Python does not know
        }
    }

    private void items(Collection<?> items, String start, String end, int depth) {
        text.append(start);
        if (depth >= Plain.MAX_DEPTH) {
            text.append(CUT).append(end);
            return;
        }
        var first = true;
        for (var item : items) {
            if (isFull()) {
                return;
            }
            text.append(first ? "" : ", ");
            first = false;
            append(item, depth + 1);
        }
        text.append(end);
    }

    private void map(Map<?, ?> map, int depth) {
        text.append('{');
        if (depth >= Plain.MAX_DEPTH) {
            text.append(CUT).append('}');
            return;
        }
        var first = true;
        for (var entry : map.entrySet()) {
            if (isFull()) {
                return;
            }
            text.append(first ? "" : ", ");
            first = false;
            quote(Plain.key(entry.getKey()));
            text.append(": ");
            append(entry.getValue(), depth + 1);
        }
        text.append('}');
    }

    private void quote(String string) {
        var quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        text.append(quote);
        for (var index = 0; index < string.length() && !isFull(); ) {
            var letter = string.codePointAt(index);
            index += Character.charCount(letter);
            switch (letter) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (letter == quote) {
                        text.append('\\').append(quote);
                    } else if (isPrintable(letter)) {
                        text.appendCodePoint(letter);
                    } else {
                        escape(letter);
                    }
                }
            }
        }
        text.append(quote);
    }

    private void quote(byte[] bytes) {
        var quote = contains(bytes, '\'') && !contains(bytes, '"') ? '"' : '\'';
        text.append('b').append(quote);
        for (var index = 0; index < bytes.length && !isFull(); index++) {
            var letter = bytes[index] & 0xff;
            switch (letter) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (letter == quote) {
                        text.append('\\').append(quote);
                    } else if (letter >= ' ' && letter < 0x7f) {
                        text.append((char) letter);
                    } else {
                        escape(letter);
                    }
                }
            }
        }
        text.append(quote);
    }

    private static boolean contains(byte[] bytes, char letter) {
        for (var each : bytes) {
            if (each == letter) {
                return true;
            }
        }
        return false;
    }

    private void escape(int letter) {
        if (letter <= 0xff) {
            text.append("\\x").append(hex(letter, 2));
        } else if (letter <= 0xffff) {
            text.append("\\u").append(hex(letter, 4));
        } else {
            text.append("\\U").append(hex(letter, 8));
        }
    }

    private static String hex(int number, int digits) {
        var hex = Integer.toHexString(number);
        return "0".repeat(digits - hex.length()) + hex;
    }

    /// Python's `str.isprintable`, of one character.
    private static boolean isPrintable(int letter) {
        if (letter == ' ') {
            return true;
        }
        return switch (Character.getType(letter)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
