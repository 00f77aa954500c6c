package dev.muster.testkit.simulation;

import dev.muster.queue.codec.WireTime;
import dev.muster.queue.spi.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What beats have sent, and the laws of it: each run is sent, under one id whoever sends it, and
/// twice only when something has happened to a beat.
final class Timetable {
    /// Of messages, says which entry of the schedule they are of.
    static final String HEADER = "entry";

    private final Ledger ledger;
    private final Map<String, Spacing> entries = new HashMap<>();

    /// By entry, the ids of the tasks for the times at which it was due.
    private final Map<String, NavigableMap<Instant, String>> sent = new HashMap<>();

    private final Set<Node> senders = new LinkedHashSet<>();
    private int sentAgain;
    private boolean clocksAgree = true;

    Timetable(Ledger ledger) {
        this.ledger = ledger;
    }

    /// @param every from a run to the next, at least
    /// @param leavesNoneOut whether none may be left out
    record Spacing(Duration every, boolean leavesNoneOut) {}

    void expect(String entry, Spacing spacing) {
        entries.put(entry, spacing);
    }

    /// From now on a beat may take a run of the past for one of the future.
    void clockJumps() {
        clocksAgree = false;
    }

    void published(Message message, String id, Node by) {
        if (!(message.headers().get(HEADER) instanceof String entry)) {
            return;
        }
        senders.add(by);
        var time = WireTime.parse(String.valueOf(message.headers().get("scheduled_at")));
        var others = sent.computeIfAbsent(entry, _ -> new TreeMap<>());
        var before = Optional.ofNullable(others.lowerEntry(time));
        var same = others.putIfAbsent(time, id);
        if (same == null) {
            ledger.accepted(id, Ledger.Accepted.of(entry, SimulatedTasks.SCHEDULED));
            before.ifPresent(
                    last -> checkSpacing(entry, Duration.between(last.getKey(), time), time));
        } else {
            sentAgain++;
            ledger.require(
                    !clocksAgree || same.equals(id),
                    () -> "%s is sent for %s under two ids".formatted(entry, time));
            ledger.require(
                    !clocksAgree || sentAgain <= senders.stream().mapToInt(Node::harms).sum(),
                    () -> "%s is sent again for %s without need".formatted(entry, time));
        }
    }

    private void checkSpacing(String entry, Duration actual, Instant time) {
        var spacing = Objects.requireNonNull(entries.get(entry));
        var order = actual.compareTo(spacing.every);
        ledger.require(
                !clocksAgree || (spacing.leavesNoneOut ? order == 0 : order >= 0),
                () -> "%s is sent for %s, %s after the one before".formatted(entry, time, actual));
    }

    /// Whether each entry has been sent for a time after this one.
    boolean isSentAfter(Instant time) {
        return entries.keySet().stream()
                .allMatch(entry ->
                        sent.containsKey(entry) && sent.get(entry).lastKey().isAfter(time));
    }
}
