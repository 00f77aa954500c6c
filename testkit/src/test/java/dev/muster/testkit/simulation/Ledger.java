package dev.muster.testkit.simulation;

import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.ResultStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What an observer who sees everything writes down, and the laws that it finds broken.
final class Ledger {
    private final Simulation simulation;
    private final boolean traced;
    private final List<String> trace = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    /// What has been accepted, by task id.
    private final Map<String, Accepted> accepted = new LinkedHashMap<>();

    /// By task id and number of retries.
    private final Map<String, Integer> published = new HashMap<>();

    private final Map<String, Integer> delivered = new HashMap<>();

    /// What nodes have got and not run yet, by task id and number of retries.
    private final Map<String, List<Handed>> handed = new HashMap<>();

    /// Who has got the messages of a task, by its id.
    private final Map<String, Set<Node>> receivers = new HashMap<>();

    private final Map<String, Integer> acknowledged = new HashMap<>();
    private final Map<String, Integer> runs = new HashMap<>();

    /// Who has settled messages before it ran their tasks, by task id.
    private final Map<String, List<Node>> acknowledgedEarly = new HashMap<>();

    private final OnceOnly onceOnly;
    private final Rates rates = new Rates(this);
    private final Timetable timetable = new Timetable(this);
    private boolean clocksAgree = true;

    /// How many messages the broker has, waiting or in the hands of workers.
    private int unsettled;

    /// @param traced whether to write down what can be printed afterwards
    Ledger(Simulation simulation, boolean traced) {
        this.simulation = simulation;
        this.traced = traced;
        this.onceOnly = new OnceOnly(simulation, this);
    }

    OnceOnly onceOnly() {
        return onceOnly;
    }

    Timetable timetable() {
        return timetable;
    }

    /// Something that `send` has accepted.
    ///
    /// @param value what it must come to; empty for a failure
    /// @param key the id of what it comes to instead, if another with its key has succeeded
    record Accepted(String what, Optional<Object> value, Optional<String> key) {
        static Accepted of(String what, Object value) {
            return new Accepted(what, Optional.of(value), Optional.empty());
        }
    }

    /// A message in the hands of a node.
    ///
    /// @param isClosed whether the node has closed what it came by
    private record Handed(Node to, long at, BooleanSupplier isClosed) {}

    void accepted(String id, Accepted work) {
        accepted.put(id, work);
        note(() -> "accepted %s %s".formatted(work.what, id));
    }

    Map<String, Accepted> accepted() {
        return accepted;
    }

    void published(Message message, Node by) {
        published.merge(run(message), 1, Integer::sum);
        unsettled++;
        note(() -> "%s has published %s".formatted(by, describe(message)));
        timetable.published(message, id(message), by);
    }

    /// @param isClosed whether the node has closed what it came by
    void delivered(Message message, Node to, BooleanSupplier isClosed) {
        delivered.merge(run(message), 1, Integer::sum);
        handed.computeIfAbsent(run(message), _ -> new ArrayList<>())
                .add(new Handed(to, simulation.nanoTime(), isClosed));
        receivers.computeIfAbsent(id(message), _ -> new LinkedHashSet<>()).add(to);
        note(() -> "delivered %s to %s".formatted(describe(message), to));
    }

    void rejected(Message message, boolean requeue) {
        unsettled -= requeue ? 0 : 1;
        note(() -> "rejected %s, requeue %s".formatted(describe(message), requeue));
    }

    /// An acknowledgement has reached the broker, and the message is gone now.
    void acknowledged(Message message, Node by, ResultStore store) {
        unsettled--;
        note(() -> "%s has acknowledged %s".formatted(by, describe(message)));
        var id = id(message);
        var count = acknowledged.merge(run(message), 1, Integer::sum);
        if (SimulatedTasks.acksLate(task(message))) {
            // One whose key is in use comes again as it is.
            var comesAgain =
                    SimulatedTasks.mayWait(task(message))
                            && published.getOrDefault(run(message), 0) > count;
            require(
                    comesAgain || hasEnded(id, retries(message), store),
                    () ->
                            "%s is acknowledged before its outcome is stored"
                                    .formatted(describe(message)));
        } else {
            acknowledgedEarly.computeIfAbsent(id, _ -> new ArrayList<>()).add(by);
        }
    }

    /// A message ends with a result, or with the next one of its task.
    private boolean hasEnded(String id, int retries, ResultStore store) {
        return published.containsKey(run(id, retries + 1))
                || store.fetch(id).filter(record -> record.state().isReady()).isPresent();
    }

    void runs(TaskContext task, Node on) {
        var run = run(task.id(), task.retries());
        note(() -> "%s runs %s %s".formatted(on, task.task(), run));
        require(
                runs.merge(run, 1, Integer::sum) <= delivered.getOrDefault(run, 0),
                () -> "%s runs more often than it was delivered".formatted(run));
        var taken = take(run, on);
        require(
                taken.isPresent(),
                () -> "%s runs more often than it was delivered to %s".formatted(run, on));
        // Between being taken up and running others may call the store, and lose the broker.
        require(
                taken.isEmpty()
                        || !taken.get().isClosed.getAsBoolean()
                        || !SimulatedTasks.startsAtOnce(task),
                () -> "%s runs after %s has given it back".formatted(run, on));
        SimulatedTasks.interval(task.task())
                .ifPresent(interval ->
                        rates.starts(
                                SimulatedTasks.sharesRate(task.task())
                                        ? task.task()
                                        : "%s on %s".formatted(task.task(), on),
                                interval,
                                taken.map(Handed::at).orElse(0L),
                                simulation.nanoTime()));
        require(
                !clocksAgree
                        || task.request()
                                .eta()
                                .filter(eta -> eta.isAfter(simulation.instant()))
                                .isEmpty(),
                () -> "%s runs before its time".formatted(run));
    }

    /// What it runs by: something that it has not given back, if there is any.
    private Optional<Handed> take(String run, Node on) {
        var all = handed.getOrDefault(run, List.of());
        var taken =
                all.stream()
                        .filter(each -> each.to.equals(on))
                        .min(Comparator.comparing(each -> each.isClosed.getAsBoolean()));
        taken.ifPresent(all::remove);
        return taken;
    }

    /// Whether a node that had this task may have left something undone.
    boolean mayBeUnfinished(String id) {
        return receivers.getOrDefault(id, Set.of()).stream().anyMatch(Node::mayLeaveThingsUndone);
    }

    /// Whether a process that has died, or was ended, had acknowledged this task before it ran it.
    boolean mayBeLost(String id) {
        return acknowledgedEarly.getOrDefault(id, List.of()).stream().anyMatch(Node::isDead);
    }

    int unsettled() {
        return unsettled;
    }

    /// How many tries of tasks there were of which there was more than one run.
    long runsAgain() {
        return runs.values().stream().filter(count -> count > 1).count();
    }

    /// From now on nobody can tell by one clock what time it is by another.
    void clockJumps() {
        clocksAgree = false;
    }

    void require(boolean law, Supplier<String> sentence) {
        if (!law) {
            broken.add(sentence.get());
            note(() -> "BROKEN: " + sentence.get());
        }
    }

    List<String> broken() {
        return broken;
    }

    void note(Supplier<String> sentence) {
        if (traced) {
            trace.add("%12.6f  %s".formatted(simulation.nanoTime() / 1e9, sentence.get()));
        }
    }

    List<String> trace() {
        return trace;
    }

    private static String describe(Message message) {
        return "%s %s".formatted(task(message), run(message));
    }

    private static String run(Message message) {
        return run(id(message), retries(message));
    }

    private static String run(String id, int retries) {
        return "%s/%d".formatted(id, retries);
    }

    private static String id(Message message) {
        return String.valueOf(message.headers().get("id"));
    }

    private static String task(Message message) {
        return String.valueOf(message.headers().get("task"));
    }

    private static int retries(Message message) {
        return message.headers().get("retries") instanceof Number number ? number.intValue() : 0;
    }
}
