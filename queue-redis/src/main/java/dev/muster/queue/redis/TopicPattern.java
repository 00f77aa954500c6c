package dev.muster.queue.redis;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The binding keys of topic exchanges as regular expressions in kombu's spelling. They are part of
/// a set member that both sides write, and are not used for matching.
final class TopicPattern {
    private TopicPattern() {}

    /// The text that kombu 5 derives from a binding key (`TopicExchange.key_to_pattern`): `a.*.#`
    /// becomes `^a\..*?[^\.]\..*?$`.
    static String kombuText(String bindingKey) {
        return Arrays.stream(escape(bindingKey).split("\\.", -1))
                .map(word ->
                        switch (word) {
                            case "*" -> ".*?[^\\.]";
                            case "#" -> ".*?";
                            default -> word;
                        })
                .collect(Collectors.joining("\\.", "^", "$"));
    }

    /// Puts a backslash before what Python's `str.isalnum` does not call a letter or digit.
    private static String escape(String key) {
        var text = new StringBuilder();
        key.codePoints()
                .forEach(c -> {
                    if (c == 0) {
                        text.append("\\000");
                        return;
                    }
                    if (!Character.isLetterOrDigit(c) && ".#*".indexOf(c) < 0) {
                        text.append('\\');
                    }
                    text.appendCodePoint(c);
                });
        return text.toString();
    }
}
