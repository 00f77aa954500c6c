package dev.muster.queue;

import dev.muster.queue.codec.LogText;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// How often a task may be started on a worker (celery-wire 6.7).
///
/// @param interval between two starts
/// @param text as it was given
record RateLimit(Duration interval, String text) {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)(?:/([smh]))?");

    /// Of a text that says how often; it comes from others, and is shown to them again.
    private static final int LONGEST = 30;

    /// @param text `10/s`, `100/m`, `5/h`, or a number per second; 0 and the empty text for none
    /// @throws IllegalArgumentException for any other
    static Optional<RateLimit> parse(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        var matcher = FORM.matcher(text.strip());
        if (text.length() > LONGEST || !matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected a rate such as 10/s, 100/m or 5/h, was '" + LogText.of(text) + "'");
        }
        var count = Double.parseDouble(matcher.group(1));
        var seconds =
                switch (matcher.group(2)) {
                    case "m" -> 60;
                    case "h" -> 3600;
                    case null, default -> 1;
                };
        return count == 0
                ? Optional.empty()
                : Optional.of(
                        new RateLimit(Duration.ofNanos((long) (seconds * 1e9 / count)), text));
    }
}
