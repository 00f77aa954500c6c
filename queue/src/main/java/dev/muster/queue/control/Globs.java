package dev.muster.queue.control;

/// Patterns as Python's `fnmatch` has them. What comes from others is matched, so it takes time in
/// proportion to both lengths, whatever the pattern.
final class Globs {
    /// Longer ones than any name.
    private static final int LONGEST = 500;

    private Globs() {}

    static boolean matches(String glob, String text) {
        return glob.length() <= LONGEST && isMatch(glob, text);
    }

    private static boolean isMatch(String glob, String text) {
        var inGlob = 0;
        var inText = 0;
        // Where to go on when what follows the last star does not fit.
        var afterStar = -1;
        var starText = 0;
        while (inText < text.length()) {
            if (inGlob < glob.length() && glob.charAt(inGlob) == '*') {
                afterStar = ++inGlob;
                starText = inText;
            } else if (inGlob < glob.length() && fits(glob, inGlob, text.charAt(inText))) {
                inGlob = next(glob, inGlob);
                inText++;
            } else if (afterStar >= 0) {
                inGlob = afterStar;
                inText = ++starText;
            } else {
                return false;
            }
        }
        while (inGlob < glob.length() && glob.charAt(inGlob) == '*') {
            inGlob++;
        }
        return inGlob == glob.length();
    }

    private static boolean fits(String glob, int start, char letter) {
        return switch (glob.charAt(start)) {
            case '?' -> true;
            case '[' -> {
                var end = end(glob, start);
                yield end < 0 ? letter == '[' : isOneOf(glob.substring(start + 1, end), letter);
            }
            default -> glob.charAt(start) == letter;
        };
    }

    private static int next(String glob, int start) {
        var end = glob.charAt(start) == '[' ? end(glob, start) : -1;
        return Math.max(start, end) + 1;
    }

    /// Where the bracket closes; a first one in it is one of its letters.
    private static int end(String glob, int start) {
        var first = glob.startsWith("!", start + 1) ? start + 2 : start + 1;
        return glob.indexOf(']', first + 1);
    }

    private static boolean isOneOf(String inside, char letter) {
        var negated = inside.startsWith("!");
        var letters = negated ? inside.substring(1) : inside;
        var found = false;
        for (var index = 0; index < letters.length(); index++) {
            var isRange = index + 2 < letters.length() && letters.charAt(index + 1) == '-';
            var last = letters.charAt(isRange ? index + 2 : index);
            found |= letters.charAt(index) <= letter && letter <= last;
            index += isRange ? 2 : 0;
        }
        return found != negated;
    }
}
