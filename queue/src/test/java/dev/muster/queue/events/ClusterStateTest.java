package dev.muster.queue.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final int CASES = 2_000;

    private final ClusterState state = new ClusterState();
    private long clock;

    private static Event event(String type, double seconds, long clock, @Nullable Object... more) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("type", type);
        fields.put("hostname", "w1@h1");
        fields.put("timestamp", NOW.getEpochSecond() + seconds);
        fields.put("clock", clock);
        for (var index = 0; index < more.length; index += 2) {
            fields.put(String.valueOf(more[index]), more[index + 1]);
        }
        return new Event(type, fields);
    }

    private void tell(String type, double seconds, Object... more) {
        assertThat(state.add(event(type, seconds, ++clock, more), NOW)).isTrue();
    }

    private TaskView task(String id) {
        return state.task(id).orElseThrow();
    }

    @Test
    void aTaskIsFollowedFromSendToResult() {
        tell("task-sent", 0, "uuid", "a", "hostname", "gen1@h0", "name", "t.add", "queue", "q");
        assertThat(task("a").state()).isEqualTo("PENDING");
        assertThat(task("a").worker()).isEmpty();

        tell("task-received", 1, "uuid", "a", "name", "t.add", "args", "(1, 2)", "retries", 3);
        assertThat(task("a").state()).isEqualTo("RECEIVED");
        tell("task-started", 2, "uuid", "a");
        assertThat(task("a").state()).isEqualTo("STARTED");
        assertThat(task("a").isReady()).isFalse();
        tell("task-succeeded", 3.5, "uuid", "a", "result", "3", "runtime", 0.25);

        var view = task("a");
        assertThat(view.state()).isEqualTo("SUCCESS");
        assertThat(view.isReady()).isTrue();
        assertThat(view.name()).hasValue("t.add");
        assertThat(view.worker()).hasValue("w1@h1");
        assertThat(view.client()).hasValue("gen1@h0");
        assertThat(view.args()).hasValue("(1, 2)");
        assertThat(view.retries()).isEqualTo(3);
        assertThat(view.result()).hasValue("3");
        assertThat(view.runtime()).hasValue(Duration.ofMillis(250));
        assertThat(view.updated()).isEqualTo(NOW.plusMillis(3_500));
        assertThat(view.times().keySet())
                .containsExactly("sent", "received", "started", "succeeded");
        assertThat(view.others()).containsEntry("queue", "q").doesNotContainKey("name");
    }

    @Test
    void aTaskThatIsTriedAgainGoesThroughItsStatesAgain() {
        tell("task-received", 0, "uuid", "a", "name", "t");
        tell("task-started", 1, "uuid", "a");
        tell("task-retried", 2, "uuid", "a", "exception", "Oops()", "traceback", "at x");
        assertThat(task("a").state()).isEqualTo("RETRY");

        tell("task-received", 3, "uuid", "a", "name", "t", "retries", 1);
        assertThat(task("a").state()).isEqualTo("RECEIVED");
        tell("task-started", 4, "uuid", "a");
        assertThat(task("a").state()).isEqualTo("STARTED");
        assertThat(task("a").exception()).hasValue("Oops()");
        assertThat(task("a").traceback()).hasValue("at x");
    }

    @Test
    void whatIsLateDoesNotUndoWhatCameAfter() {
        tell("task-succeeded", 3, "uuid", "a", "result", "3");
        tell("task-started", 5, "uuid", "a"); // delivered twice
        tell("task-received", 1, "uuid", "a", "name", "t");
        tell("task-failed", 9, "uuid", "a", "exception", "no");
        tell("task-revoked", 9, "uuid", "a");

        assertThat(task("a").state()).isEqualTo("SUCCESS");
        assertThat(task("a").name()).hasValue("t");
    }

    @Test
    void withinOneMomentTheLogicalClockDecides() {
        state.add(event("task-started", 1, 8, "uuid", "a"), NOW);
        state.add(event("task-received", 1, 7, "uuid", "a"), NOW);

        assertThat(task("a").state()).isEqualTo("STARTED");
    }

    @Test
    void whatAWorkerTellsBesidesIsAStateOfItsOwn() {
        tell("task-started", 1, "uuid", "a");
        tell("task-progress", 2, "uuid", "a", "percent", 40);

        assertThat(task("a").state()).isEqualTo("PROGRESS");
        assertThat(task("a").others()).containsEntry("percent", 40L);
        assertThat(task("a").times()).containsKey("progress");
    }

    /// Also when some come twice.
    @Test
    void theSameEventsInAnyOrderGiveTheSameState() {
        for (var seed = 0; seed < CASES; seed++) {
            var random = new Random(seed);
            var events = new ArrayList<Event>();
            for (var left = random.nextInt(1, 20); left > 0; left--) {
                events.add(any(random));
            }
            var once = new ClusterState();
            events.forEach(event -> once.add(event, NOW));
            var again = new ClusterState();
            events.addAll(events.subList(0, random.nextInt(events.size())));
            Collections.shuffle(events, random);
            events.forEach(event -> again.add(event, NOW));

            assertThat(again.tasks().stream().map(ClusterStateTest::timeless))
                    .as("seed %d", seed)
                    .isEqualTo(once.tasks().stream().map(ClusterStateTest::timeless).toList());
            assertThat(again.workers().stream().map(ClusterStateTest::timeless))
                    .as("seed %d", seed)
                    .isEqualTo(once.workers().stream().map(ClusterStateTest::timeless).toList());
            assertThat(again.counts()).isEqualTo(once.counts());
        }
    }

    /// Few different values, so that there are many ties.
    private static Event any(Random random) {
        var types =
                List.of(
                        "task-sent",
                        "task-received",
                        "task-started",
                        "task-succeeded",
                        "task-failed",
                        "task-retried",
                        "task-revoked",
                        "task-rejected",
                        "task-progress",
                        "task-cancelled",
                        "worker-online",
                        "worker-heartbeat",
                        "worker-offline");
        var node = "w" + random.nextInt(2);
        return event(
                types.get(random.nextInt(types.size())),
                random.nextInt(4),
                random.nextInt(4),
                "uuid",
                "task" + random.nextInt(2),
                "hostname",
                node,
                "name",
                "n" + random.nextInt(2),
                "result",
                "r" + random.nextInt(3),
                "active",
                random.nextBoolean() ? null : random.nextInt(3),
                "freq",
                random.nextInt(3),
                "retries",
                random.nextInt(3));
    }

    private static TaskView timeless(TaskView task) {
        return new TaskView(
                task.id(),
                task.name(),
                task.state(),
                task.updated(),
                task.worker(),
                task.client(),
                task.args(),
                task.kwargs(),
                task.retries(),
                task.result(),
                task.exception(),
                task.traceback(),
                task.runtime(),
                task.times(),
                task.others(),
                0);
    }

    private static WorkerView timeless(WorkerView worker) {
        return new WorkerView(
                worker.name(),
                worker.offline(),
                worker.heard(),
                worker.interval(),
                worker.pid(),
                worker.active(),
                worker.processed(),
                worker.load(),
                worker.software(),
                worker.system(),
                worker.clock(),
                0);
    }

    @Test
    void aWorkerIsAliveUntilTwoOfItsHeartbeatsAreMissing() {
        tell(
                "worker-heartbeat",
                0,
                "freq",
                2.0,
                "active",
                1,
                "processed",
                7,
                "loadavg",
                List.of(0.5, 1, 1.5),
                "sw_ident",
                "muster",
                "sw_ver",
                "1.0",
                "pid",
                42);

        var worker = state.worker("w1@h1").orElseThrow();
        assertThat(worker.isAlive(NOW.plusMillis(3_999))).isTrue();
        assertThat(worker.isAlive(NOW.plusMillis(4_000))).isFalse();
        assertThat(worker.active()).hasValue(1L);
        assertThat(worker.processed()).hasValue(7L);
        assertThat(worker.load()).containsExactly(0.5, 1.0, 1.5);
        assertThat(worker.software()).isEqualTo("muster 1.0");
        assertThat(worker.pid()).hasValue(42L);

        tell("worker-heartbeat", 1, "freq", 5.0); // the answer to the command heartbeat
        assertThat(state.worker("w1@h1").orElseThrow().active()).hasValue(1L);
        tell("worker-offline", 2, "freq", 2.0);
        assertThat(state.worker("w1@h1").orElseThrow().isAlive(NOW)).isFalse();
        tell("worker-heartbeat", 1.5, "freq", 2.0); // late
        assertThat(state.worker("w1@h1").orElseThrow().isAlive(NOW)).isFalse();
        tell("worker-online", 3, "freq", 2.0);
        assertThat(state.worker("w1@h1").orElseThrow().isAlive(NOW)).isTrue();
    }

    @Test
    void aWorkerIsAlsoKnownByItsTasks() {
        tell("task-started", 0, "uuid", "a");
        tell("task-sent", 0, "uuid", "b", "hostname", "client@h0");

        assertThat(state.workers()).extracting(WorkerView::name).containsExactly("w1@h1");
        assertThat(state.workers().getFirst().isAlive(NOW.plusSeconds(119))).isTrue();
    }

    @Test
    void whatIsNoEventOfATaskOrAWorkerIsCountedAndChangesNothing() {
        var nonsense =
                Arrays.asList(
                        event("group-started", 0, 1),
                        event("task-", 0, 1, "uuid", "a"),
                        event("task-../../x", 0, 1, "uuid", "a"),
                        event("task-started", 0, 1),
                        event("task-started", 0, 1, "uuid", 5),
                        event("task-started", 0, 1, "uuid", "x".repeat(1_000)),
                        event("task-started", 0, 1, "uuid", "a", "hostname", null),
                        event("worker-heartbeat", 0, 1, "hostname", ""),
                        event("worker-heartbeat", 0, 1, "hostname", "x".repeat(1_000)),
                        new Event("", Map.of()));

        nonsense.forEach(event -> assertThat(state.add(event, NOW)).isFalse());

        assertThat(state.events()).isEqualTo(nonsense.size());
        assertThat(state.ignored()).isEqualTo(nonsense.size());
        assertThat(state.revision()).isZero();
        assertThat(state.tasks()).isEmpty();
        assertThat(state.workers()).isEmpty();
    }

    @Test
    void fieldsThatMakeNoSenseAreLeftOut() {
        tell(
                "worker-heartbeat",
                0,
                "freq",
                Double.NaN,
                "active",
                "many",
                "processed",
                -1,
                "loadavg",
                List.of("a"),
                "clock",
                BigInteger.TWO.pow(64),
                "timestamp",
                Double.POSITIVE_INFINITY);
        tell("task-succeeded", 0, "uuid", "a", "runtime", Double.MAX_VALUE, "result", List.of(1));

        var worker = state.worker("w1@h1").orElseThrow();
        assertThat(worker.interval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(worker.active()).isEmpty();
        assertThat(worker.processed()).isEmpty();
        assertThat(worker.load()).isEmpty();
        assertThat(worker.clock()).isZero();
        assertThat(task("a").runtime()).isEmpty();
        assertThat(task("a").result()).isEmpty();
    }

    @Test
    void thoseThatWereHeardOfLastAreKept() {
        var small = new ClusterState(2, 2);
        for (var id : List.of("a", "b", "a", "c")) {
            small.add(event("task-started", 0, 1, "uuid", id, "hostname", "w" + id), NOW);
        }

        assertThat(small.tasks()).extracting(TaskView::id).containsExactly("a", "c");
        assertThat(small.workers()).extracting(WorkerView::name).containsExactly("wa", "wc");
        assertThatThrownBy(() -> new ClusterState(0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// A gigabyte of events does not fill a heap of one.
    @Test
    void longTextsAreCutAndMuchOfThemIsForgotten() {
        var fields = new Object[80];
        for (var index = 0; index < fields.length; index += 2) {
            fields[index] = "field" + index;
            fields[index + 1] = "x".repeat(30_000);
        }
        fields[0] = "uuid";
        for (var number = 0; number < 2_000; number++) {
            fields[1] = "task" + number;
            state.add(event("task-received", number, number, fields), NOW);
        }

        assertThat(state.tasks()).hasSizeBetween(300, 1_000);
        assertThat(state.tasks().getFirst().id()).isEqualTo("task1999");
        assertThat(String.valueOf(state.tasks().getFirst().others().get("field2")))
                .hasSizeLessThan(2_100);
    }

    @Test
    void theNewestComesFirstAndNewsHasAHigherRevision() {
        tell("task-received", 1, "uuid", "a");
        tell("task-received", 2, "uuid", "b");
        var before = state.revision();
        tell("task-started", 3, "uuid", "a");

        assertThat(state.tasks()).extracting(TaskView::id).containsExactly("a", "b");
        assertThat(state.tasks().stream().filter(task -> task.revision() > before))
                .extracting(TaskView::id)
                .containsExactly("a");
        assertThat(state.counts()).isEqualTo(Map.of("RECEIVED", 1, "STARTED", 1));
        assertThat(state.task("unknown")).isEqualTo(Optional.empty());
    }
}
