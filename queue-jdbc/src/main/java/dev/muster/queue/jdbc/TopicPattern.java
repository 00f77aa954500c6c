package dev.muster.queue.jdbc;

import java.util.List;

/// The binding keys of a topic exchange as in AMQP 0-9-1: words between dots, `*` for one word, `#`
/// for any number of words.
final class TopicPattern {
    private TopicPattern() {}

    static boolean matches(String pattern, String routingKey) {
        return matches(words(pattern), words(routingKey));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\\.", -1));
    }

    /// Goes through the pattern once, and keeps which beginnings of the key it can stand for so
    /// far: no backtracking, however many `#` there are.
    private static boolean matches(List<String> pattern, List<String> key) {
        var reached = new boolean[key.size() + 1];
        reached[0] = true;
        for (var word : pattern) {
            var next = new boolean[key.size() + 1];
            for (var length = 0; length <= key.size(); length++) {
                if ("#".equals(word)) {
                    next[length] = reached[length] || (length > 0 && next[length - 1]);
                } else if (length > 0 && reached[length - 1]) {
                    next[length] = "*".equals(word) || word.equals(key.get(length - 1));
                }
            }
            reached = next;
        }
        return reached[key.size()];
    }
}
