package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.DuplicateTaskException;
import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.Signature;
import dev.muster.queue.Task;
import dev.muster.queue.Task.Unique;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.TaskRevokedException;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Unique tasks and idempotency keys do what they promise, with a real broker and store. Extend it,
/// and name a broker that keeps results, too.
@Timeout(180)
public abstract class OnceOnlyContract {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Tasks tasks = new Tasks();

    /// The sender, and the worker, which is another application where the broker is shared.
    private Muster client;

    private Muster service;
    private Worker worker;

    protected abstract String url();

    /// Whether two applications can meet at the broker.
    protected boolean isShared() {
        return true;
    }

    @BeforeEach
    final void start() {
        var settings =
                Settings.DEFAULT.withAll(
                        Map.of(
                                "broker_url",
                                url(),
                                "task_default_queue",
                                "once-" + UUID.randomUUID()));
        service = Muster.builder().settings(settings).register(tasks).build();
        client =
                isShared()
                        ? Muster.builder().settings(settings).register(new Tasks()).build()
                        : service;
        worker = service.worker().concurrency(4).start();
        assertThat(worker.awaitReady(LONG)).isTrue();
    }

    @AfterEach
    final void stop() {
        tasks.gate.release(1_000);
        worker.close();
        service.close();
        client.close();
    }

    static final class Tasks {
        private final Map<String, Integer> runs = new ConcurrentHashMap<>();
        private final Semaphore gate = new Semaphore(0);

        private int run(String name) throws InterruptedException {
            var number = runs.merge(name, 1, Integer::sum);
            if (!gate.tryAcquire(120, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test does not open the gate");
            }
            return number;
        }

        @Task(name = "once.shared", unique = Unique.COALESCE)
        String shared(String name, int size) throws InterruptedException {
            return name + " " + run(name);
        }

        @Task(name = "once.dropped", unique = Unique.DROP, acksLate = Task.Toggle.ON)
        String dropped(String name) throws InterruptedException {
            return name + " " + run(name);
        }

        @Task(name = "once.byName", unique = Unique.COALESCE, uniqueBy = "name")
        String byName(String name, int size) throws InterruptedException {
            return name + " " + run(name);
        }

        @Task(name = "once.failing", unique = Unique.DROP)
        String failing(String name) throws InterruptedException {
            throw new IllegalStateException(name + " " + run(name));
        }

        @Task(name = "once.retrying", unique = Unique.DROP)
        String retrying(TaskContext task, String name) throws InterruptedException {
            var run = run(name);
            if (task.retries() == 0) {
                throw task.retry(Duration.ofMillis(1_500));
            }
            return name + " " + run;
        }

        @Task(name = "once.keyed")
        String keyed(String name) throws InterruptedException {
            return name + " " + run(name);
        }

        @Task(name = "once.keyedFailing", retryDelay = "0")
        String keyedFailing(String name) throws InterruptedException {
            var run = run(name);
            if (run == 1) {
                throw new IllegalStateException("the first time");
            }
            return name + " " + run;
        }

        @Task(name = "once.join")
        static String join(List<String> parts) {
            return String.join(", ", parts);
        }

        @Task(name = "once.shout")
        static String shout(String text) {
            return text + "!";
        }
    }

    private Signature<String> task(String name, Object... args) {
        return call("once." + name, args).returning(String.class);
    }

    private void awaitRuns(String name, int runs) {
        Awaitility.await()
                .atMost(LONG)
                .untilAsserted(() -> assertThat(tasks.runs).containsEntry(name, runs));
    }

    /// The claim is given up right after the result is stored.
    private Result<String> sendWhenFree(Signature<String> call) {
        return Awaitility.await()
                .atMost(LONG)
                .until(() -> client.send(call), result -> !result.isDuplicate());
    }

    @Test
    void anEqualCallHasTheResultOfTheOneThatIsThere() {
        var first = client.send(task("shared", "a", 1));
        awaitRuns("a", 1);
        var second = client.send(task("shared", "a", 1));
        var third = client.send(task("shared").kwarg("size", 1).kwarg("name", "a"));
        var other = client.send(task("shared", "b", 1));

        tasks.gate.release(2);

        assertThat(first.isDuplicate()).isFalse();
        assertThat(second.isDuplicate()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(third.isDuplicate()).isTrue();
        assertThat(other.isDuplicate()).isFalse();
        assertThat(first.get(LONG)).isEqualTo("a 1");
        assertThat(second.get(LONG)).isEqualTo("a 1");
        assertThat(third.get(LONG)).isEqualTo("a 1");
        assertThat(other.get(LONG)).isEqualTo("b 1");

        tasks.gate.release();
        assertThat(sendWhenFree(task("shared", "a", 1)).get(LONG)).isEqualTo("a 2");
    }

    @Test
    void aDroppedCallSaysSo() {
        var first = client.send(task("dropped", "a"));
        var second = client.send(task("dropped", "a"));

        assertThat(second.isDuplicate()).isTrue();
        assertThat(second.state()).isEqualTo(State.REVOKED);
        assertThatThrownBy(() -> second.get(LONG))
                .isInstanceOfSatisfying(
                        DuplicateTaskException.class,
                        e -> assertThat(e.existingId()).isEqualTo(first.id()));
        tasks.gate.release(2);
        assertThat(first.get(LONG)).isEqualTo("a 1");
        assertThat(sendWhenFree(task("dropped", "a")).get(LONG)).isEqualTo("a 2");
    }

    @Test
    void aCallCanBeUniqueOrNotWhateverItsTaskSays() {
        client.send(task("shared", "a", 1));

        var all = client.send(task("shared", "a", 1).unique(Unique.NO));
        var dropped = client.send(task("shared", "a", 1).unique(Unique.DROP));
        client.send(task("keyed", "b").unique(Unique.COALESCE));
        var shared = client.send(task("keyed", "b").unique(Unique.COALESCE));

        assertThat(all.isDuplicate()).isFalse();
        assertThat(dropped.isDuplicate()).isTrue();
        assertThat(shared.isDuplicate()).isTrue();
        tasks.gate.release(3);
        assertThat(all.get(LONG)).startsWith("a ");
        assertThat(shared.get(LONG)).isEqualTo("b 1");
    }

    @Test
    void theParametersThatCountAreTheOnesThatAreNamed() {
        var first = client.send(task("byName", "a", 1));
        var second = client.send(task("byName", "a", 2));
        var third = client.send(task("byName", "b", 1));
        tasks.gate.release(2);

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(third.isDuplicate()).isFalse();
        assertThat(second.get(LONG)).isEqualTo("a 1");
        assertThat(third.get(LONG)).isEqualTo("b 1");
    }

    @Test
    void aFailureMakesRoomForTheNext() {
        var first = client.send(task("failing", "a"));
        tasks.gate.release(2);
        assertThatThrownBy(() -> first.get(LONG)).isInstanceOf(TaskFailedException.class);

        assertThatThrownBy(() -> sendWhenFree(task("failing", "a")).get(LONG))
                .hasMessageContaining("a 2");
    }

    @Test
    void aTaskThatIsTriedAgainKeepsOthersAway() {
        var first = client.send(task("retrying", "a"));
        tasks.gate.release();
        Awaitility.await().atMost(LONG).until(() -> first.state().equals(State.RETRY));

        assertThat(client.send(task("retrying", "a")).isDuplicate()).isTrue();

        tasks.gate.release(3);
        assertThat(first.get(LONG)).isEqualTo("a 2");
        assertThat(sendWhenFree(task("retrying", "a")).get(LONG)).isEqualTo("a 4");
    }

    @Test
    void whatIsNotStartedAnyMoreMakesRoomForTheNext() {
        var expired =
                client.send(
                        task("dropped", "a")
                                .countdown(Duration.ofMillis(300))
                                .expires(Duration.ofMillis(200)));
        assertThatThrownBy(() -> expired.get(LONG)).isInstanceOf(TaskRevokedException.class);

        var second = sendWhenFree(task("dropped", "a").countdown(Duration.ofMillis(1_500)));
        worker.revoke(List.of(second.id()), false);
        assertThatThrownBy(() -> second.get(LONG)).isInstanceOf(TaskRevokedException.class);

        tasks.gate.release();
        assertThat(sendWhenFree(task("dropped", "a")).get(LONG)).isEqualTo("a 1");
    }

    @Test
    void membersOfAGroupThatAreEqualAreOne() {
        var results =
                client.send(
                        group(
                                task("shared", "a", 1),
                                task("shared", "b", 1),
                                task("shared", "a", 1)));
        tasks.gate.release(2);

        assertThat(results.get(LONG)).containsExactly("a 1", "b 1", "a 1");
        assertThat(results.isDuplicate()).isFalse();
        assertThat(results.results().getLast().isDuplicate()).isTrue();
    }

    @Test
    void whatOthersWaitForIsAlwaysSent() {
        tasks.gate.release(3);
        var joined =
                client.send(
                        group(task("shared", "a", 1), task("shared", "a", 1))
                                .then(call("once.join").returning(String.class)));
        var shouted =
                client.send(
                        task("shared", "b", 1).then(call("once.shout").returning(String.class)));

        assertThat(Stream.of(joined.get(LONG).split(", ")).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("a 1", "a 2");
        assertThat(shouted.get(LONG)).isEqualTo("b 1!");
    }

    @Test
    void aCallWhoseKeyHasSucceededIsNotRun() {
        tasks.gate.release(3);
        var call = task("keyed", "a").idempotencyKey("order-17");
        assertThat(client.send(call).get(LONG)).isEqualTo("a 1");

        assertThat(client.send(call).get(LONG)).isEqualTo("a 1");
        assertThat(client.send(task("keyed", "b").idempotencyKey("order-17")).get(LONG))
                .isEqualTo("a 1");
        assertThat(client.send(call.then(call("once.shout").returning(String.class))).get(LONG))
                .isEqualTo("a 1!");
        assertThat(client.send(task("keyed", "a").idempotencyKey("order-18")).get(LONG))
                .isEqualTo("a 2");
        assertThat(client.send(task("shared", "a", 1).idempotencyKey("order-17")).get(LONG))
                .isEqualTo("a 3");
    }

    @Test
    void aCallWaitsWhileAnotherWithItsKeyRuns() {
        var call = task("keyed", "a").idempotencyKey("order-19");
        var first = client.send(call);
        awaitRuns("a", 1);
        var second = client.send(call);
        // It is sent again and again, and takes no slot meanwhile.
        var others =
                client.sendAll(List.of(task("keyed", "b"), task("keyed", "c"), task("keyed", "d")));
        awaitRuns("d", 1);

        tasks.gate.release(4);

        assertThat(first.get(LONG)).isEqualTo("a 1");
        assertThat(second.get(LONG)).isEqualTo("a 1");
        others.forEach(other -> other.get(LONG));
        assertThat(tasks.runs).containsEntry("a", 1);
    }

    @Test
    void aCallWhoseKeyHasFailedRunsAgain() {
        tasks.gate.release(2);
        var call = task("keyedFailing", "a").idempotencyKey("order-20");
        assertThatThrownBy(() -> client.send(call).get(LONG))
                .isInstanceOf(TaskFailedException.class);

        assertThat(client.send(call).get(LONG)).isEqualTo("a 2");
        assertThat(client.send(call).get(LONG)).isEqualTo("a 2");
    }
}
