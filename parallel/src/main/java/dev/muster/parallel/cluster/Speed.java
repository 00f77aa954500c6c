package dev.muster.parallel.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/// Moving averages of what calls take at a place, for all and by function. Guarded by the lock of
/// the [Dispatcher].
final class Speed {
    /// A program that makes more functions than that has few calls of each.
    private static final int MAX_FUNCTIONS = 256;

    private final Map<Long, Long> byFunction =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
                    return size() > MAX_FUNCTIONS;
                }
            };

    private long average;

    /// @param function 0 for one that holds values, and is another each time
    void measured(long function, long nanos) {
        if (nanos <= 0) {
            return;
        }
        average = moved(average, nanos);
        if (function != 0) {
            byFunction.put(function, moved(byFunction.getOrDefault(function, 0L), nanos));
        }
    }

    private static long moved(long average, long nanos) {
        return average == 0 ? nanos : (average * 7 + nanos) / 8;
    }

    /// Of all calls, in nanoseconds; 0 while unknown.
    long average() {
        return average;
    }

    /// Of calls of a function, or where it is not known, of all; 0 while unknown.
    long of(long function) {
        return function == 0 ? average : byFunction.getOrDefault(function, average);
    }
}
