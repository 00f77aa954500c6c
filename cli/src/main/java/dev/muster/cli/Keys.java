package dev.muster.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jline.utils.NonBlockingReader;

/// The keys of a terminal: each that has a character as that, the others by name.
final class Keys {
    static final String UP = "up";
    static final String DOWN = "down";
    static final String PAGE_UP = "page up";
    static final String PAGE_DOWN = "page down";
    static final String HOME = "home";
    static final String END = "end";
    static final String ENTER = "enter";
    static final String ESCAPE = "escape";
    static final String BACKSPACE = "backspace";
    static final String REDRAW = "redraw";
    static final String END_OF_INPUT = "end of input";
    static final String UNKNOWN = "unknown";

    /// After how many milliseconds an escape character is a key, and not the beginning of one.
    private static final int PAUSE = 50;

    private static final int LONGEST_SEQUENCE = 16;

    /// What follows `ESC [` or `ESC O`, in all terminals that are still in use.
    private static final Map<String, String> SEQUENCES =
            Map.ofEntries(
                    Map.entry("A", UP),
                    Map.entry("B", DOWN),
                    Map.entry("H", HOME),
                    Map.entry("F", END),
                    Map.entry("1~", HOME),
                    Map.entry("7~", HOME),
                    Map.entry("4~", END),
                    Map.entry("8~", END),
                    Map.entry("5~", PAGE_UP),
                    Map.entry("6~", PAGE_DOWN));

    private final NonBlockingReader reader;

    Keys(NonBlockingReader reader) {
        this.reader = reader;
    }

    /// Waits for a key.
    ///
    /// @return empty when none has come by then
    Optional<String> read(int millis) throws IOException {
        var character = reader.read(millis);
        return switch (character) {
            case NonBlockingReader.READ_EXPIRED -> Optional.empty();
            case NonBlockingReader.EOF, 4 -> Optional.of(END_OF_INPUT); // 4: Ctrl-D
            case 12 -> Optional.of(REDRAW); // Ctrl-L
            case '\r', '\n' -> Optional.of(ENTER);
            case '\b', 127 -> Optional.of(BACKSPACE);
            case 27 -> Optional.of(sequence());
            default -> Optional.of(text(character));
        };
    }

    private String text(int first) throws IOException {
        if (first < ' ') {
            return UNKNOWN;
        }
        if (Character.isHighSurrogate((char) first)) {
            var second = reader.read(PAUSE);
            return second > 0 && Character.isLowSurrogate((char) second)
                    ? Character.toString(Character.toCodePoint((char) first, (char) second))
                    : UNKNOWN;
        }
        return Character.toString(first);
    }

    private String sequence() throws IOException {
        var kind = reader.read(PAUSE);
        if (kind != '[' && kind != 'O') {
            return kind < 0 ? ESCAPE : UNKNOWN;
        }
        var rest = new StringBuilder();
        while (rest.length() < LONGEST_SEQUENCE) {
            var next = reader.read(PAUSE);
            if (next < 0) {
                break;
            }
            rest.append((char) next);
            if (next >= '@' && next <= '~') {
                break;
            }
        }
        return SEQUENCES.getOrDefault(rest.toString(), UNKNOWN);
    }
}
