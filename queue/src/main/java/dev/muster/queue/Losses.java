package dev.muster.queue;

import java.util.LinkedHashMap;
import java.util.Map;

/// How often the process of each task has died lately, on this worker. Thread-safe.
final class Losses {
    private static final int REMEMBERED = 10_000;

    private final Map<String, Integer> counts =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /// Counts one more.
    ///
    /// @return how many they are with it
    synchronized int add(String taskId) {
        return counts.merge(taskId, 1, Integer::sum);
    }
}
