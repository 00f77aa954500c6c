package dev.muster.queue.events;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The latest event of each kind that happened to one task or worker. Whatever the order in which
/// the events come, and however often, it ends up the same.
final class History {
    private final Map<String, Told> latest = new HashMap<>();
    private int size;

    /// @param kind one of few
    /// @return whether that is news
    boolean add(String kind, Told told) {
        var known = latest.get(kind);
        if (known != null && Told.ORDER.compare(known, told) >= 0) {
            return false;
        }
        size += told.size() - (known == null ? 0 : known.size());
        latest.put(kind, told);
        return true;
    }

    Optional<Told> get(String kind) {
        return Optional.ofNullable(latest.get(kind));
    }

    /// The latest event of these kinds.
    Optional<Told> latest(String... kinds) {
        return Stream.of(kinds).flatMap(kind -> get(kind).stream()).max(Told.ORDER);
    }

    /// The kinds in the order in which they happened; of those at one time, the logical clock
    /// decides.
    Stream<Map.Entry<String, Told>> inOrder() {
        return latest.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Told>comparingByValue(Told.ORDER)
                                .thenComparing(Map.Entry::getKey, Comparator.naturalOrder()));
    }

    /// Roughly how many characters it holds.
    int size() {
        return size;
    }
}
