package dev.muster.queue.jdbc;

import java.util.Locale;

/// What a wake-up is about.
enum Topic {
    /// Messages wait; the names are those of queues.
    MESSAGES,
    /// Results were stored; the names are the ids of tasks.
    RESULTS;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
