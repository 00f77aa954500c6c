package dev.muster.parallel.pipeline;

/// How often a word was found. As text it is `love 677`.
///
/// @param line the number of the line, from 1 on; 0 when it is no single line
public record Occurrences(String word, long count, long line) {
    public Occurrences {
        if (count < 0) {
            throw new IllegalArgumentException("count must be >= 0, was " + count);
        }
    }

    @Override
    public String toString() {
        return (line == 0 ? "" : line + ":") + word + " " + count;
    }
}
