package dev.muster.queue.memory;

import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Queue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// The messages that wait in one queue, and who reads it. Guarded by the broker's lock.
final class MemoryQueue {
    private static final Comparator<Entry> ORDER =
            Comparator.comparingInt(Entry::priority).reversed().thenComparingLong(Entry::number);

    private final Queue declaration;
    private final PriorityQueue<Entry> entries = new PriorityQueue<>(ORDER);

    /// Those whose time has not come.
    private final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparing(Delayed::due));

    private final List<MemoryConsumer> readers = new ArrayList<>();

    MemoryQueue(Queue declaration) {
        this.declaration = declaration;
    }

    /// A message in a queue.
    ///
    /// @param number in the order of publication; a message that comes back keeps its place
    record Entry(
            Message message,
            String exchange,
            String routingKey,
            long number,
            @Nullable Instant expiresAt,
            boolean redelivered) {

        int priority() {
            return Objects.requireNonNullElse(message.properties().priority(), 0);
        }

        Entry again() {
            return new Entry(message, exchange, routingKey, number, expiresAt, true);
        }

        private boolean isExpired(Instant now) {
            return expiresAt != null && !expiresAt.isAfter(now);
        }
    }

    private record Delayed(Instant due, Entry entry) {}

    Queue declaration() {
        return declaration;
    }

    List<MemoryConsumer> readers() {
        return readers;
    }

    void add(Entry entry) {
        entries.add(entry);
        readers.forEach(MemoryConsumer::wake);
    }

    /// Keeps the message back until then.
    void addLater(Instant due, Entry entry) {
        delayed.add(new Delayed(due, entry));
        readers.forEach(MemoryConsumer::wake);
    }

    private void releaseDue(Instant now) {
        for (var next = delayed.peek();
                next != null && !next.due.isAfter(now);
                next = delayed.peek()) {
            delayed.remove();
            entries.add(next.entry);
        }
    }

    /// When the next message that is kept back is due; empty for none.
    Optional<Instant> nextDue() {
        return Optional.ofNullable(delayed.peek()).map(Delayed::due);
    }

    /// The next message that has not expired.
    @Nullable Entry poll(Instant now) {
        releaseDue(now);
        var entry = entries.poll();
        while (entry != null && entry.isExpired(now)) {
            entry = entries.poll();
        }
        return entry;
    }

    int length(Instant now) {
        releaseDue(now);
        entries.removeIf(entry -> entry.isExpired(now));
        return entries.size();
    }

    void clear() {
        entries.clear();
    }
}
