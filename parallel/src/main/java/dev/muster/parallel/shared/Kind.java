package dev.muster.parallel.shared;

/// What a name can stand for. The order is that of the wire.
enum Kind {
    QUEUE("a queue", "capacity"),
    MAP("a map", ""),
    LIST("a list", ""),
    COUNTER("a counter", ""),
    LOCK("a lock", ""),
    SEMAPHORE("a semaphore", "permits"),
    BARRIER("a barrier", "parties"),
    EVENT("an event", ""),
    OBJECT("an object", "");

    private final String words;
    private final String size;

    Kind(String words, String size) {
        this.words = words;
        this.size = size;
    }

    /// What its number is called; empty where it has none.
    String size() {
        return size;
    }

    /// Such as `queue`.
    String noun() {
        return words.substring(words.indexOf(' ') + 1);
    }

    @Override
    public String toString() {
        return words;
    }
}
