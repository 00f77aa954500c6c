package dev.muster.parallel.shared;

import dev.muster.parallel.shared.Status.RefusedException;
import java.util.Map;
import java.util.TreeMap;

/// What the manager owns, by name. Thread-safe.
final class Registry {
    /// For a queue about whose capacity no client cares.
    static final int DEFAULT_CAPACITY = 1_024;

    /// Something with a name.
    ///
    /// @param number by which calls name it
    /// @param types the classes of its values, or the interface of the object
    /// @param size its capacity, permits or parties; 0 where it has none
    record Entry(int number, Kind kind, String types, int size, Resource resource) {}

    /// Guarded by this.
    private final Map<String, Entry> entries = new TreeMap<>();

    /// Guarded by this.
    private int last;

    /// Finds something, or makes it.
    ///
    /// @param size 0 when any will do
    /// @throws RefusedException when there is something else by that name
    synchronized Entry open(Kind kind, String name, String types, int size) {
        var found = entries.get(name);
        if (found != null) {
            check(found, kind, name, types, size);
            return found;
        }
        var actual = kind == Kind.QUEUE && size == 0 ? DEFAULT_CAPACITY : size;
        if (actual < (kind.size().isEmpty() ? 0 : 1)) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "%s must be 1 or more, was %d".formatted(kind.size(), actual));
        }
        return add(name, kind, types, actual, create(kind, name, actual));
    }

    private static void check(Entry found, Kind kind, String name, String types, int size) {
        if (found.kind() != kind) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "'%s' is %s here, not %s".formatted(name, found.kind(), kind));
        }
        if (!found.types().equals(types)) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "'%s' is %s of %s here, not of %s".formatted(name, kind, found.types(), types));
        }
        if (size != 0 && size != found.size()) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "'%s' is %s with %s %d here, not %d"
                            .formatted(name, kind, kind.size(), found.size(), size));
        }
    }

    private Resource create(Kind kind, String name, int size) {
        return switch (kind) {
            case QUEUE -> new QueueResource(size);
            case MAP -> new MapResource();
            case LIST -> new ListResource();
            case COUNTER -> new CounterResource();
            case LOCK -> new LockResource();
            case SEMAPHORE -> new SemaphoreResource(size);
            case BARRIER -> new BarrierResource(size);
            case EVENT -> new EventResource();
            case OBJECT ->
                    throw Status.WRONG_ARGUMENT.refuse(
                            "no object '%s' is registered here; the manager's program has to register it"
                                    .formatted(name));
        };
    }

    private Entry add(String name, Kind kind, String types, int size, Resource resource) {
        var entry = new Entry(++last, kind, types, size, resource);
        entries.put(name, entry);
        return entry;
    }

    /// Adds an object of this program.
    ///
    /// @throws IllegalArgumentException when the name is taken
    synchronized void register(String name, Class<?> type, Resource object) {
        var found = entries.get(name);
        if (found != null) {
            throw new IllegalArgumentException(
                    "'%s' is %s here already".formatted(name, found.kind()));
        }
        add(name, Kind.OBJECT, type.getName(), 0, object);
    }

    /// Forgets a name. Who has found the thing before can go on with it.
    ///
    /// @return whether there was one
    /// @throws RefusedException when it is an object
    synchronized boolean delete(String name) {
        var found = entries.get(name);
        if (found != null && found.kind() == Kind.OBJECT) {
            throw Status.WRONG_ARGUMENT.refuse(
                    "'%s' is an object of the manager's program, which alone can remove it"
                            .formatted(name));
        }
        return entries.remove(name) != null;
    }
}
