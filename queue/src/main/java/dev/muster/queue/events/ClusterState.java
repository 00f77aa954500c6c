package dev.muster.queue.events;

import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The tasks and workers of a cluster as their events tell of them: what monitors show.
/// Thread-safe.
///
/// ```java
/// var state = new ClusterState();
/// try (var events = muster.receiveEvents()) {
///     events.take(Duration.ofSeconds(10)).forEach(event -> state.add(event, Instant.now()));
/// }
/// state.tasks();   // newest first
/// state.workers(); // by name
/// ```
///
/// Events may come late, twice and in any order: the same events give the same state. What is no
/// event of a task or a worker is counted, and changes nothing. The tasks and workers that were
/// heard of last are kept, so many and no more memory than a hundred million characters or so.
///
/// To follow it, remember [#revision()]; what has a higher one is news.
public final class ClusterState {
    /// As Celery's.
    private static final int MAX_TASKS = 10_000;

    private static final int MAX_WORKERS = 5_000;

    /// How many characters are kept of tasks, and of workers.
    private static final long MOST_TEXT = 50_000_000;

    private static final int LONGEST_NAME = 255;
    private static final String TASK = "task-";
    private static final String WORKER = "worker-";

    private final int maxTasks;
    private final int maxWorkers;

    /// Those heard of last come last. This and all below are guarded by this object.
    private final SequencedMap<String, TaskHistory> tasks = new LinkedHashMap<>();

    private final SequencedMap<String, WorkerHistory> workers = new LinkedHashMap<>();
    private long textOfTasks;
    private long textOfWorkers;
    private long revision;
    private long events;
    private long ignored;

    /// Of 10,000 tasks and 5,000 workers.
    public ClusterState() {
        this(MAX_TASKS, MAX_WORKERS);
    }

    /// @param maxTasks how many tasks are kept
    /// @param maxWorkers how many workers are kept
    public ClusterState(int maxTasks, int maxWorkers) {
        if (maxTasks < 1 || maxWorkers < 1) {
            throw new IllegalArgumentException(
                    "a state keeps at least 1 task and 1 worker, not %d and %d"
                            .formatted(maxTasks, maxWorkers));
        }
        this.maxTasks = maxTasks;
        this.maxWorkers = maxWorkers;
    }

    /// Takes in what an event tells.
    ///
    /// @param received when it was heard, by the clock of who listens
    /// @return false when it is malformed, or neither of a task nor of a worker, and so ignored
    public boolean add(Event event, Instant received) {
        var told = isName(event.hostname()) ? Told.of(event) : null; // outside of the lock
        synchronized (this) {
            events++;
            var taken = told != null && add(event, told, received);
            if (!taken) {
                ignored++;
            }
            return taken;
        }
    }

    private boolean add(Event event, Told told, Instant received) {
        var type = event.type();
        if (type.startsWith(TASK)) {
            var kind = type.substring(TASK.length());
            var id = event.taskId().filter(ClusterState::isName);
            if (id.isEmpty() || !TaskHistory.isKind(kind)) {
                return false;
            }
            addToTask(id.get(), kind, told);
            if (!kind.equals("sent")) { // which a client tells
                var worker = known(told.node());
                var before = worker.size();
                worker.live(received, ++revision);
                keep(worker, told.node(), before);
            }
            return true;
        }
        if (type.startsWith(WORKER)) {
            var worker = known(told.node());
            var before = worker.size();
            worker.add(type.substring(WORKER.length()), told, received, ++revision);
            keep(worker, told.node(), before);
            return true;
        }
        return false;
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= LONGEST_NAME;
    }

    private void addToTask(String id, String kind, Told told) {
        var task = tasks.get(id);
        var before = task == null ? 0 : task.size();
        if (task == null) {
            task = new TaskHistory(id);
        }
        if (task.add(kind, told, revision + 1)) {
            revision++;
        }
        textOfTasks += task.size() - before;
        tasks.putLast(id, task);
        while (tasks.size() > maxTasks || (textOfTasks > MOST_TEXT && tasks.size() > 1)) {
            textOfTasks -= tasks.pollFirstEntry().getValue().size();
        }
    }

    private WorkerHistory known(String name) {
        var worker = workers.get(name);
        if (worker == null) {
            worker = new WorkerHistory(name);
            textOfWorkers += worker.size();
        }
        return worker;
    }

    private void keep(WorkerHistory worker, String name, int before) {
        textOfWorkers += worker.size() - before;
        workers.putLast(name, worker);
        while (workers.size() > maxWorkers || (textOfWorkers > MOST_TEXT && workers.size() > 1)) {
            textOfWorkers -= workers.pollFirstEntry().getValue().size();
        }
    }

    /// The tasks, the one first to which something happened last.
    public List<TaskView> tasks() {
        return views().stream()
                .sorted(
                        Comparator.comparing(TaskView::updated)
                                .reversed()
                                .thenComparing(TaskView::id))
                .toList();
    }

    private synchronized List<TaskView> views() {
        return tasks.values().stream().map(TaskHistory::view).toList();
    }

    public synchronized Optional<TaskView> task(String id) {
        return Optional.ofNullable(tasks.get(id)).map(TaskHistory::view);
    }

    /// The workers, by name.
    public synchronized List<WorkerView> workers() {
        return workers.values().stream()
                .map(WorkerHistory::view)
                .sorted(Comparator.comparing(WorkerView::name))
                .toList();
    }

    public synchronized Optional<WorkerView> worker(String name) {
        return Optional.ofNullable(workers.get(name)).map(WorkerHistory::view);
    }

    /// How many of the tasks that are kept are in each state.
    public Map<String, Integer> counts() {
        var counts = new TreeMap<String, Integer>();
        views().forEach(task -> counts.merge(task.state(), 1, Integer::sum));
        return counts;
    }

    /// Grows with each change.
    public synchronized long revision() {
        return revision;
    }

    /// How many events have come.
    public synchronized long events() {
        return events;
    }

    /// How many of them were ignored.
    public synchronized long ignored() {
        return ignored;
    }
}
