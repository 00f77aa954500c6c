package dev.muster.testkit.simulation;

import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The laws of idempotency keys and of unique calls, and the claims that keep them.
final class OnceOnly {
    /// Of the ids under which the values of keys are stored, and of what is claimed for them.
    private static final String KEY = "once-";

    private final Simulation simulation;
    private final Ledger ledger;

    /// What is claimed, as the store has it.
    private final Map<String, Claim> claims = new LinkedHashMap<>();

    /// How often the claim on a key has passed to another without being given back.
    private final Map<String, Integer> lapses = new HashMap<>();

    /// Owners whose claim could not be given back.
    private final Set<String> lostReleases = new HashSet<>();

    /// The runs of calls with a key, by key.
    private final Map<String, List<Run>> runs = new HashMap<>();

    /// The ids of the unique calls that were accepted, by what makes them equal.
    private final Map<String, Set<String>> accepted = new HashMap<>();

    /// When a task had its first final record, by its id.
    private final Map<String, Long> ended = new HashMap<>();

    /// The keys under which something has succeeded.
    private final Set<String> succeeded = new HashSet<>();

    OnceOnly(Simulation simulation, Ledger ledger) {
        this.simulation = simulation;
        this.ledger = ledger;
    }

    private record Claim(String owner, Node by) {}

    void claimed(String key, String owner, Node by) {
        var old = claims.put(key, new Claim(owner, by));
        ledger.note(() -> "%s has claimed %s for %s".formatted(by, key, owner));
        if (old != null && !old.owner.equals(owner)) {
            lapses.merge(key, 1, Integer::sum);
            ledger.require(
                    !old.by.isUnharmed(),
                    () -> "%s lets its claim on %s lapse".formatted(old.by, key));
        }
    }

    void released(String key, String owner) {
        if (claims.containsKey(key) && claims.get(key).owner.equals(owner)) {
            claims.remove(key);
            ledger.note(() -> "%s is free".formatted(key));
        }
    }

    void releaseLost(String owner) {
        lostReleases.add(owner);
    }

    void stored(ResultRecord record) {
        if (record.state().isReady()) {
            ended.putIfAbsent(record.taskId(), simulation.nanoTime());
        }
        if (record.taskId().startsWith(KEY) && record.state().equals(State.SUCCESS)) {
            succeeded.add(record.taskId());
        }
    }

    /// A call with a key begins, on the calling thread.
    Run runs(TaskContext task, Node on) {
        var key = key(task.task(), String.valueOf(task.headers().get("idempotency_key")));
        var others = runs.computeIfAbsent(key, _ -> new ArrayList<>());
        var run = new Run(on, Thread.currentThread());
        // A run that has been interrupted does nothing more, and neither does one of the dead.
        if (run.isUnderWay()) {
            ledger.require(
                    others.stream().filter(Run::isUnderWay).count() <= lapses(key),
                    () -> "%s runs while another with its key does".formatted(task.id()));
            ledger.require(
                    !succeeded.contains(key) || lapses(key) > 0,
                    () -> "%s runs after another with its key has succeeded".formatted(task.id()));
        }
        others.add(run);
        return run;
    }

    /// The id under which the value of a key is stored, once only whoever has run.
    static String key(String task, String key) {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest((task + "\n" + key).getBytes(StandardCharsets.UTF_8));
            return KEY + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// How many runs of a key may have been too many.
    int lapses(String key) {
        return lapses.getOrDefault(key, 0);
    }

    /// A unique call was accepted.
    ///
    /// @param equal what is the same for equal calls
    void accepted(String equal, String id) {
        var others = accepted.computeIfAbsent(equal, _ -> new LinkedHashSet<>());
        for (var other : others) {
            ledger.require(
                    ended.containsKey(other) || ledger.mayBeLost(other),
                    () -> "%s is sent while %s is equal and has not ended".formatted(id, other));
        }
        others.add(id);
    }

    /// A unique call was not sent.
    ///
    /// @param since when its sending began
    void refused(String existing, long since) {
        ledger.require(
                ended.getOrDefault(existing, since) >= since,
                () -> "%s keeps equal calls away after its end".formatted(existing));
    }

    /// When everything has ended, only those may be in the way of equal calls that could not help
    /// it.
    void checkThatAllIsFree() {
        claims.forEach((key, claim) -> {
            var id = claim.owner.replaceFirst("/.*", "");
            ledger.require(
                    key.startsWith(KEY)
                            || lostReleases.contains(claim.owner)
                            || ledger.mayBeUnfinished(id),
                    () -> "the claim of %s is not given up".formatted(claim.owner));
        });
    }

    /// The run of a call with a key.
    static final class Run implements AutoCloseable {
        private final Node on;
        private final Thread thread;
        private boolean hasEnded;

        private Run(Node on, Thread thread) {
            this.on = on;
            this.thread = thread;
        }

        private boolean isUnderWay() {
            return !hasEnded && !on.isDead() && !thread.isInterrupted();
        }

        @Override
        public void close() {
            hasEnded = true;
        }
    }
}
