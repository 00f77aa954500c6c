package dev.muster.queue.events;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is known of one task.
///
/// Its state is that of the latest event, with two exceptions, after Celery's precedence of states.
/// That it was sent counts least, since a client's clock may be ahead of a worker's. And an end
/// stays: what is told of a task that has ended belongs to an event that was late, or to a message
/// that was delivered twice. Of two ends a success counts most, then a failure.
final class TaskHistory {
    /// From that which counts most.
    static final List<String> READY = List.of("SUCCESS", "FAILURE", "REVOKED");

    private static final Map<String, String> STATES =
            Map.of(
                    "sent", "PENDING",
                    "received", "RECEIVED",
                    "started", "STARTED",
                    "retried", "RETRY",
                    "rejected", "REJECTED",
                    "succeeded", "SUCCESS",
                    "failed", "FAILURE",
                    "revoked", "REVOKED");

    /// One place for all events that are not Celery's own, so that they cannot fill the memory.
    private static final String OTHER = "other";

    private static final String STATE = "state";
    private static final int LONGEST_STATE = 32;

    /// Fields that have a place of their own in the view.
    private static final List<String> SHOWN =
            List.of(
                    "name",
                    "args",
                    "kwargs",
                    "retries",
                    "result",
                    "exception",
                    "traceback",
                    "runtime",
                    STATE);

    private final String id;
    private final History history = new History();
    private TaskView view;

    TaskHistory(String id) {
        this.id = id;
        this.view =
                new TaskView(
                        id,
                        Optional.empty(),
                        "PENDING",
                        Instant.EPOCH,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Map.of(),
                        0);
    }

    /// Whether a type of event, without `task-`, can be one of a task.
    static boolean isKind(String kind) {
        return STATES.containsKey(kind) || kind.matches("[a-z][a-z0-9_]{0,31}");
    }

    /// @param kind the type of the event, without `task-`
    /// @param revision that this is, if it is news
    /// @return whether it is news
    boolean add(String kind, Told told, long revision) {
        var known = STATES.containsKey(kind);
        if (!history.add(known ? kind : OTHER, known ? told : withState(kind, told))) {
            return false;
        }
        view = view(revision);
        return true;
    }

    private static Told withState(String kind, Told told) {
        var fields = new LinkedHashMap<>(told.fields());
        var state = kind.toUpperCase(Locale.ROOT);
        fields.put(STATE, state.length() > LONGEST_STATE ? "OTHER" : state);
        return new Told(told.time(), told.clock(), told.node(), fields);
    }

    TaskView view() {
        return view;
    }

    int size() {
        return history.size() + id.length();
    }

    private TaskView view(long revision) {
        var decisive = decisive();
        var times = new LinkedHashMap<String, Instant>();
        var others = new LinkedHashMap<String, Object>();
        history.inOrder()
                .forEach(event -> {
                    var told = event.getValue();
                    times.put(
                            event.getKey().equals(OTHER)
                                    ? state(event).toLowerCase(Locale.ROOT)
                                    : event.getKey(),
                            told.time());
                    others.putAll(told.fields());
                });
        SHOWN.forEach(others::remove);
        var described = history.get("received").or(() -> history.get("sent"));
        var problem = history.latest("failed", "retried");
        return new TaskView(
                id,
                text(described, "name"),
                state(decisive),
                decisive.getValue().time(),
                history.latest(
                                Stream.concat(
                                                STATES.keySet().stream()
                                                        .filter(kind -> !kind.equals("sent")),
                                                Stream.of(OTHER))
                                        .toArray(String[]::new))
                        .map(Told::node),
                history.get("sent").map(Told::node),
                text(described, "args"),
                text(described, "kwargs"),
                described.flatMap(told -> told.count("retries")).orElse(0L),
                text(history.get("succeeded"), "result"),
                text(problem, "exception"),
                text(problem, "traceback"),
                history.get("succeeded")
                        .flatMap(told -> told.number("runtime"))
                        .filter(seconds -> seconds >= 0 && seconds < 1e9)
                        .map(seconds -> Duration.ofNanos((long) (seconds * 1e9))),
                times,
                others,
                revision);
    }

    private static Optional<String> text(Optional<Told> told, String field) {
        return told.flatMap(event -> event.text(field));
    }

    private Map.Entry<String, Told> decisive() {
        var inOrder = history.inOrder().toList().reversed();
        for (var ready : READY) {
            for (var event : inOrder) {
                if (state(event).equals(ready)) {
                    return event;
                }
            }
        }
        return inOrder.stream()
                .filter(event -> !event.getKey().equals("sent"))
                .findFirst()
                .orElse(inOrder.getFirst());
    }

    private static String state(Map.Entry<String, Told> event) {
        var state = STATES.get(event.getKey());
        return state != null ? state : event.getValue().text(STATE).orElse("OTHER");
    }
}
