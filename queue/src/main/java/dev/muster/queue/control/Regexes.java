package dev.muster.queue.control;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Regular expressions that come with commands. They are matched in linear time, which leaves out
/// back references and what looks around; and those that would need much memory are refused.
final class Regexes {
    private static final int LONGEST = 500;

    /// How often something may be repeated by `{…}`, all such in an expression multiplied: each
    /// repetition is a copy in memory.
    private static final long MOST_COPIES = 1_000;

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d{0,9})(?:,(\\d{0,9}))?\\}");

    private static final Pattern IGNORES_CASE = Pattern.compile("\\(\\?[A-Za-z-]*i");

    /// What names a character beyond ASCII, or may do so.
    private static final Pattern BEYOND_ASCII = Pattern.compile("[^\\x00-\\x7f]|\\\\[x0-9]");

    private Regexes() {}

    /// Whether the text begins with what the expression describes.
    static boolean matches(String regex, String text) {
        if (regex.length() > LONGEST || copies(regex) > MOST_COPIES || isEndless(regex)) {
            return false;
        }
        try {
            return Pattern.compile(regex).matcher(text).lookingAt();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /// The library knows the cases of an older Unicode than the JDK: for some letters that are
    /// newer it looks for the others for ever.
    private static boolean isEndless(String regex) {
        return IGNORES_CASE.matcher(regex).find() && BEYOND_ASCII.matcher(regex).find();
    }

    private static long copies(String regex) {
        var copies = 1L;
        var repetition = REPETITION.matcher(regex);
        while (repetition.find() && copies <= MOST_COPIES) {
            copies *= Math.max(number(repetition.group(1)), number(repetition.group(2)));
        }
        return copies;
    }

    private static long number(@Nullable String digits) {
        return digits == null || digits.isEmpty() ? 1 : Math.max(1, Long.parseLong(digits));
    }
}
