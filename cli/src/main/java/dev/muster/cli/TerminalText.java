package dev.muster.cli;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.WCWidth;

/// Texts of strangers on a terminal: names, arguments and results come from messages, and may hold
/// what moves the cursor, changes colours or pretends to be another line.
final class TerminalText {
    private static final String CUT = "…";

    private TerminalText() {}

    /// On one line, with only what a terminal shows: a question mark in place of each character
    /// that would do something instead.
    static String clean(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints()
                .forEach(point -> {
                    if (point == '\t') {
                        shown.append("    ");
                    } else if (!isShown(point)) {
                        shown.append('?');
                    } else if (width(point) > 0) {
                        shown.appendCodePoint(point);
                    }
                });
        return shown.toString();
    }

    private static boolean isShown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }

    private static int width(int point) {
        return WCWidth.wcwidth(point);
    }

    /// How many columns a clean text takes.
    static int width(String text) {
        return text.codePoints().map(TerminalText::width).sum();
    }

    /// Exactly as wide as that: cut, or filled up with spaces.
    static String fit(String text, int width) {
        var clean = clean(text);
        var shown =
                width(clean) <= width ? clean : start(clean, width - 1) + (width > 0 ? CUT : "");
        return shown + " ".repeat(Math.max(0, width - width(shown)));
    }

    /// As [#fit], at the right.
    static String fitRight(String text, int width) {
        var fitted = fit(text, width).stripTrailing();
        return " ".repeat(Math.max(0, width - width(fitted))) + fitted;
    }

    /// As much of a clean text as there is room for.
    private static String start(String text, int width) {
        return text.substring(0, end(text, 0, width));
    }

    /// Where a part of a clean text ends for which there is room.
    private static int end(String text, int from, int width) {
        var left = width;
        var end = from;
        while (end < text.length()) {
            var point = text.codePointAt(end);
            left -= width(point);
            if (left < 0) {
                break;
            }
            end += Character.charCount(point);
        }
        return end;
    }

    /// The lines of a text, longer ones broken.
    static List<String> wrap(String text, int width) {
        var lines = new ArrayList<String>();
        text.lines()
                .map(TerminalText::clean)
                .forEach(line -> {
                    var from = 0;
                    if (width > 1) { // otherwise a wide character would have no room
                        var end = end(line, from, width);
                        while (end < line.length()) {
                            lines.add(line.substring(from, end));
                            from = end;
                            end = end(line, from, width);
                        }
                    }
                    lines.add(line.substring(from));
                });
        return lines;
    }
}
