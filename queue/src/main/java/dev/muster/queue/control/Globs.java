package dev.muster.queue.control;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Patterns as Python's `fnmatch` has them.
final class Globs {
    private Globs() {}

    static boolean matches(String glob, String text) {
        try {
            return Pattern.compile(regex(glob), Pattern.DOTALL).matcher(text).matches();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static String regex(String glob) {
        var regex = new StringBuilder();
        for (var index = 0; index < glob.length(); index++) {
            var letter = glob.charAt(index);
            var end = letter == '[' ? glob.indexOf(']', index + 2) : -1;
            if (end > 0) {
                var inside = glob.substring(index + 1, end).replace("\\", "\\\\");
                regex.append('[')
                        .append(inside.startsWith("!") ? "^" + inside.substring(1) : inside)
                        .append(']');
                index = end;
            } else {
                switch (letter) {
                    case '*' -> regex.append(".*");
                    case '?' -> regex.append('.');
                    default -> regex.append(Pattern.quote(String.valueOf(letter)));
                }
            }
        }
        return regex.toString();
    }
}
