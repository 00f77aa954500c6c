package dev.muster.queue.codec;

import org.jspecify.annotations.Nullable;

/// What a log line may show of a text from a message, which may be hostile: no control characters,
/// and not much of it.
public final class LogText {
    private static final int SHOWN = 100;

    private LogText() {}

    /// Something short, on one line.
    public static String of(@Nullable Object value) {
        var text =
                value instanceof String || value == null
                        ? String.valueOf(value)
                        : value.getClass().getSimpleName();
        var start = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        for (var index = 0; index < start.length(); index++) {
            if (Character.isISOControl(start.charAt(index))) {
                return start.replaceAll("\\p{Cntrl}", "?");
            }
        }
        return start;
    }
}
