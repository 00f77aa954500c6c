package dev.muster.queue.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What is known of one worker.
final class WorkerHistory {
    /// Tells all that workers tell.
    private static final String FULL = "full";

    /// Tells only that it lives, as answers to `heartbeat` do.
    private static final String BRIEF = "brief";

    private static final String OFFLINE = "offline";

    /// Of one that has only been heard of by its tasks, as in Celery.
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(60);

    private static final double LONGEST_INTERVAL = 86_400;

    private final String name;
    private final History history = new History();
    private Instant heard = Instant.EPOCH;
    private WorkerView view;

    WorkerHistory(String name) {
        this.name = name;
        this.view = view(0);
    }

    /// @param kind the type of the event, without `worker-`
    void add(String kind, Told told, Instant received, long revision) {
        history.add(
                kind.equals(OFFLINE) ? OFFLINE : told.count("active").isPresent() ? FULL : BRIEF,
                told);
        // Its last words are no sign of life, but who has only these must be shown when they were.
        if (!kind.equals(OFFLINE) || heard.equals(Instant.EPOCH)) {
            hear(received);
        }
        view = view(revision);
    }

    /// It has told of a task.
    void live(Instant received, long revision) {
        hear(received);
        view = view(revision);
    }

    private void hear(Instant received) {
        heard = received.isAfter(heard) ? received : heard;
    }

    WorkerView view() {
        return view;
    }

    int size() {
        return history.size() + name.length();
    }

    private WorkerView view(long revision) {
        var latest = history.latest(FULL, BRIEF, OFFLINE);
        var full = history.get(FULL).or(() -> history.get(OFFLINE)).or(() -> latest);
        return new WorkerView(
                name,
                latest.isPresent() && latest.equals(history.get(OFFLINE)),
                heard,
                latest.flatMap(told -> told.number("freq"))
                        .filter(seconds -> seconds > 0 && seconds <= LONGEST_INTERVAL)
                        .map(seconds -> Duration.ofNanos((long) (seconds * 1e9)))
                        .orElse(DEFAULT_INTERVAL),
                latest.flatMap(told -> told.count("pid")),
                full.flatMap(told -> told.count("active")),
                full.flatMap(told -> told.count("processed")),
                full
                        .map(told ->
                                told.fields().get("loadavg") instanceof List<?> load ? load : null)
                        .stream()
                        .flatMap(List::stream)
                        .filter(Double.class::isInstance)
                        .map(Double.class::cast)
                        .toList(),
                Stream.of("sw_ident", "sw_ver")
                        .flatMap(field -> text(full, field).stream())
                        .reduce("", (all, next) -> all.isEmpty() ? next : all + " " + next),
                text(full, "sw_sys").orElse(""),
                latest.map(Told::clock).orElse(0L),
                revision);
    }

    private static Optional<String> text(Optional<Told> told, String field) {
        return told.flatMap(event -> event.text(field));
    }
}
