package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.chunks;
import static dev.muster.queue.Canvas.group;
import static dev.muster.queue.Canvas.map;
import static dev.muster.queue.Canvas.starmap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workflows from client to worker and back, on the broker and the store in memory.
@Timeout(60)
class WorkflowTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Tasks tasks = new Tasks();
    private final Muster muster =
            Muster.builder()
                    .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                    .tasks(Notes.class)
                    .register(tasks)
                    .build();
    private Worker worker;

    @BeforeEach
    void start() {
        worker = muster.worker().concurrency(4).start();
        Notes.HEARD.clear();
    }

    @AfterEach
    void close() {
        tasks.gate.release(1_000);
        worker.close();
        muster.close();
    }

    /// What error callbacks and links have been told.
    static final class Notes {
        private static final BlockingQueue<List<Object>> HEARD = new LinkedBlockingQueue<>();

        private Notes() {}

        @Task
        static void note(String text) {
            HEARD.add(List.of(text));
        }

        @Task
        static void handle(TaskRequest failed, Throwable cause, String traceback) {
            HEARD.add(
                    List.of(
                            failed.id(),
                            String.valueOf(cause.getMessage()),
                            traceback.contains("IllegalStateException")));
        }

        static List<Object> next() throws InterruptedException {
            var next = HEARD.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).as("a callback").isNotNull();
            return next;
        }
    }

    static class Tasks {
        private final Semaphore gate = new Semaphore(0);

        @Task
        static int add(int a, int b) {
            return a + b;
        }

        @Task
        static int square(int number) {
            return number * number;
        }

        @Task
        static int sum(List<Integer> numbers) {
            return numbers.stream().mapToInt(number -> number).sum();
        }

        @Task
        static List<String> words(String text) {
            return List.of(text.split(" "));
        }

        @Task
        static String join(Object anything, String end) {
            return anything + end;
        }

        @Task
        static int fail(int ignored) {
            throw new IllegalStateException("no " + ignored);
        }

        @Task
        static List<Object> about(TaskContext task, int ignored) {
            return List.of(
                    task.id(),
                    task.rootId(),
                    task.parentId().orElse(""),
                    task.request().group().orElse(""),
                    task.request().groupIndex().orElse(-1),
                    Objects.requireNonNull(task.headers().get("stamps")),
                    String.valueOf(task.headers().get("tenant")));
        }

        @Task
        static int twice(TaskContext task, int number) {
            if (number == 0) {
                return 0;
            }
            throw task.replace(call(Tasks::add, number, number));
        }

        @Task
        static List<Integer> spread(TaskContext task, int number) {
            if (number == 0) {
                return List.of();
            }
            throw task.replace(
                    group(IntStream.range(0, number).mapToObj(n -> call(Tasks::square, n))));
        }

        @Task
        static int bring(TaskContext task, int number) {
            task.addToChord(call(Tasks::square, number));
            return number;
        }

        @Task
        int gated(int number) throws InterruptedException {
            gate.acquire();
            return number;
        }
    }

    @Test
    void aChainPassesEachValueOn() {
        var workflow =
                call(Tasks::add, 1, 2).then(Tasks::square).then(Tasks::add, 1).then(Tasks::square);

        assertThat(muster.send(workflow).get(LONG)).isEqualTo(100);
    }

    @Test
    void aCompleteCallInAChainTakesNoValue() {
        var workflow = call(Tasks::add, 1, 2).then(call(Tasks::add, 10, 20));

        assertThat(muster.send(workflow).get(LONG)).isEqualTo(30);
    }

    @Test
    void aCallByNameInAChainIsOpenUntilItIsClosed() {
        var open = call("WorkflowTest.Tasks.add", 5).returning(Integer.class);

        assertThat(muster.send(call(Tasks::add, 1, 2).then(open)).get(LONG)).isEqualTo(8);
        assertThat(
                        muster.send(call(Tasks::add, 1, 2).then(open.args(List.of(5)).immutable()))
                                .get(LONG))
                .isEqualTo(10);
    }

    @Test
    void theHandleOfAChainKnowsItsParentsAndAllThatWasDone() {
        var result = muster.send(call(Tasks::add, 1, 2).then(Tasks::square).then(Tasks::square));

        assertThat(result.get(LONG)).isEqualTo(81);
        var first = result.parent().orElseThrow().parent().orElseThrow();
        assertThat(first.parent()).isEmpty();
        assertThat(first.poll().orElseThrow()).isEqualTo(3);
        assertThat(first.collect(LONG).values()).containsExactly(3, 9L, 81L);
    }

    @Test
    void aGroupGivesTheValuesInItsOrder() {
        var result =
                muster.send(group(IntStream.range(0, 50).mapToObj(n -> call(Tasks::square, n))));

        assertThat(result.get(LONG))
                .isEqualTo(IntStream.range(0, 50).mapToObj(n -> n * n).toList());
        assertThat(result.state()).isEqualTo(State.SUCCESS);
        assertThat(result.completed()).isEqualTo(50);
        assertThat(result.poll()).contains(result.get(LONG));
    }

    @Test
    void membersOfAGroupAreThereAsTheyEnd() {
        var result = muster.send(group(call(tasks()::gated, 1), call(Tasks::square, 2)));

        try (var ended = result.asTheyComplete(LONG)) {
            var values = ended.iterator();
            assertThat(values.next().poll()).contains(4);
            assertThat(result.poll()).isEmpty();
            tasks.gate.release();
            assertThat(values.next().poll()).contains(1);
            assertThat(values.hasNext()).isFalse();
        }
    }

    private Tasks tasks() {
        return tasks;
    }

    @Test
    void aGroupIsSavedAndFoundAgain() {
        var result = muster.send(group(call(Tasks::square, 2), call(Tasks::square, 3)));
        result.save();

        var again = muster.groupResult(result.id(), Integer.class).orElseThrow();

        assertThat(again.get(LONG)).containsExactly(4, 9);
        assertThat(muster.groupResult("unknown", Integer.class)).isEmpty();
        again.forget();
        assertThat(muster.groupResult(result.id(), Integer.class)).isEmpty();
    }

    @Test
    void aGroupAndATaskAreAChord() {
        var chord =
                group(IntStream.range(0, 20).mapToObj(n -> call(Tasks::add, n, 1)))
                        .then(Tasks::sum);

        assertThat(muster.send(chord).get(LONG)).isEqualTo(210);
    }

    @Test
    void chordsNestInEveryWay() {
        var inner = group(call(Tasks::add, 1, 1), call(Tasks::add, 2, 2)).then(Tasks::sum);
        var outer =
                group(inner, call(Tasks::square, 3), inner.then(Tasks::square)).then(Tasks::sum);

        assertThat(muster.send(inner.then(Tasks::square)).get(LONG)).isEqualTo(36);
        assertThat(muster.send(outer).get(LONG)).isEqualTo(6 + 9 + 36);
        assertThat(
                        muster.send(
                                        call(Tasks::add, 1, 2)
                                                .then(outer)
                                                .then(
                                                        Step.each(
                                                                List.of(
                                                                        Step.of(Tasks::square),
                                                                        Step.of(Tasks::add, 1))))
                                                .then(Tasks::sum)
                                                .then(Tasks::add, 1))
                                .get(LONG))
                .isEqualTo(51 * 51 + 52 + 1);
    }

    @Test
    void groupsInGroupsKeepTheirShape() {
        var pair = group(call(Tasks::square, 1), call(Tasks::square, 2));
        var nested = group(pair, call(Tasks::words, "a b").then(Step.each(List.of())), pair);

        assertThat(muster.send(nested).get(LONG)).hasToString("[[1, 4], [], [1, 4]]");
        assertThat(muster.send(nested.then(Tasks::join, "!")).get(LONG))
                .isEqualTo("[[1, 4], [], [1, 4]]!");
    }

    @Test
    void groupsOfOneAndOfNoneAreGroupsAll() {
        assertThat(muster.send(group(call(Tasks::square, 2)).then(Tasks::sum)).get(LONG))
                .isEqualTo(4);
        assertThat(
                        muster.send(
                                        call(Tasks::add, 1, 1)
                                                .then(Step.each(List.of(Step.of(Tasks::square))))
                                                .then(Tasks::join, "!"))
                                .get(LONG))
                .isEqualTo("[4]!");
        assertThat(muster.send(Canvas.<Integer>group(List.of()).then(Tasks::sum)).get(LONG))
                .isEqualTo(0);
        assertThat(muster.send(Canvas.<Integer>group(List.of())).get(LONG)).isEmpty();
    }

    @Test
    void aChainCanEndWithAGroup() {
        var result =
                muster.send(
                        call(Tasks::add, 1, 1)
                                .then(
                                        Step.each(
                                                List.of(
                                                        Step.of(Tasks::square),
                                                        Step.of(Tasks::add, 5)))));

        assertThat(result.get(LONG)).containsExactly(4, 7);
        assertThat(result).isInstanceOf(GroupResult.class);
        assertThat(result.parent().orElseThrow().get(LONG)).isEqualTo(2);
    }

    @Test
    void aFailureInAChainFailsAllThatFollows() throws InterruptedException {
        var workflow =
                call(Tasks::add, 1, 1)
                        .then(Tasks::fail)
                        .then(Tasks::square)
                        .then(Step.each(List.of(Step.of(Tasks::square), Step.of(Tasks::square))))
                        .then(Tasks::sum)
                        .then(Tasks::add, 1)
                        .onError(Notes::note);

        var result = muster.send(workflow);

        assertThatThrownBy(() -> result.get(LONG))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("no 2");
        var before = result.parent().orElseThrow();
        var header = before.parent().orElseThrow();
        assertThat(header).isInstanceOf(GroupResult.class);
        assertThatThrownBy(() -> header.get(LONG)).hasMessageContaining("no 2");
        var failed = header.parent().orElseThrow().parent().orElseThrow();
        assertThat(Notes.next()).containsExactly(failed.id());
        assertThat(Notes.HEARD).isEmpty();
    }

    @Test
    void aFailingMemberFailsTheChordAndCallsItsErrorCallbacksOnce() throws InterruptedException {
        var workflow =
                group(call(Tasks::square, 1), call(Tasks::fail, 7), call(tasks()::gated, 1))
                        .then(Tasks::sum)
                        .then(Tasks::square)
                        .onError(Notes::note);

        var result = muster.send(workflow);
        tasks.gate.release();

        assertThatThrownBy(() -> result.get(LONG)).hasMessageContaining("no 7");
        var body = result.parent().orElseThrow();
        assertThat(muster.resultRecord(body.id()).orElseThrow().result())
                .asString()
                .contains("ChordError")
                .contains("raised IllegalStateException('no 7')");
        assertThat(Notes.next()).containsExactly(body.id());
        assertThat(Notes.HEARD).isEmpty();
    }

    @Test
    void anErrorCallbackWithThreeParametersSeesTheFailure() throws InterruptedException {
        var result = muster.send(call(Tasks::fail, 3).onError(Notes::handle));

        assertThat(Notes.next()).containsExactly(result.id(), "no 3", true);
    }

    @Test
    void aCompleteErrorCallbackGetsNoId() throws InterruptedException {
        muster.send(call(Tasks::fail, 3).onError(call(Notes::note, "called")));

        assertThat(Notes.next()).containsExactly("called");
    }

    @Test
    void linksGetTheValueBesideTheNextStep() throws InterruptedException {
        var workflow =
                call(Tasks::words, "a b")
                        .then(Tasks::join, "!")
                        .link(Step.of(Notes::note))
                        .link(call(Notes::note, "done"))
                        .then(Tasks::join, "?");

        assertThat(muster.send(workflow).get(LONG)).isEqualTo("[a, b]!?");
        assertThat(Stream.of(Notes.next(), Notes.next()))
                .containsExactlyInAnyOrder(List.of("[a, b]!"), List.of("done"));
    }

    @Test
    void eachTaskKnowsWhereItStands() {
        var about =
                muster.send(
                        call(Tasks::add, 1, 1)
                                .then(
                                        Step.each(
                                                List.of(
                                                        Step.of(Tasks::about),
                                                        Step.of(Tasks::about))))
                                .stamp("order", 7)
                                .header("tenant", "acme"));

        var first = about.parent().orElseThrow().id();
        var members = ((GroupResult<List<Object>>) about).results();
        var group = about.id();
        for (var index = 0; index < 2; index++) {
            var member = members.get(index);
            assertThat(member.get(LONG))
                    .containsExactly(
                            member.id(),
                            first,
                            first,
                            group,
                            (long) index,
                            Map.of("order", 7L),
                            "acme");
        }
    }

    @Test
    void aTaskIsReplacedInItsPlace() {
        assertThat(muster.send(call(Tasks::twice, 4)).get(LONG)).isEqualTo(8);
        assertThat(muster.send(call(Tasks::spread, 4)).get(LONG)).containsExactly(0, 1, 4, 9);
        var workflow =
                group(call(Tasks::spread, 3).then(Tasks::sum), call(Tasks::twice, 5))
                        .then(Tasks::sum)
                        .then(Tasks::twice)
                        .then(Tasks::square);
        assertThat(muster.send(workflow).get(LONG)).isEqualTo(900);
    }

    @Test
    void aTaskAddsToItsChord() {
        var chord = group(call(Tasks::bring, 3), call(Tasks::bring, 4)).then(Tasks::sum);

        assertThat(muster.send(chord).get(LONG)).isEqualTo(3 + 4 + 9 + 16);
    }

    @Test
    void oneTaskRunsAnotherForManyItems() {
        assertThat(muster.send(map(Tasks::square, List.of(1, 2, 3))).get(LONG))
                .containsExactly(1, 4, 9);
        var add = call("WorkflowTest.Tasks.add").returning(Integer.class);
        assertThat(muster.send(starmap(add, List.of(List.of(1, 2), List.of(3, 4)))).get(LONG))
                .containsExactly(3, 7);
        assertThat(muster.send(chunks(Tasks::square, List.of(1, 2, 3), 2)).get(LONG))
                .containsExactly(List.of(1, 4), List.of(9));
    }

    @Test
    void aTaskThatNobodyHasFailsItsChord() {
        var chord = group(call("nowhere"), call(Tasks::square, 1)).then(Tasks::join, "!");

        assertThatThrownBy(() -> muster.send(chord).get(LONG))
                .hasMessageContaining("NotRegistered");
    }

    @Test
    void aTaskThatExpiredEndsWhatWaitsForIt() {
        var chord =
                group(
                                call(Tasks::square, 1).expires(Duration.ZERO).then(Tasks::square),
                                call(Tasks::square, 1))
                        .then(Tasks::sum);

        assertThatThrownBy(() -> muster.send(chord).get(LONG))
                .isInstanceOf(TaskRevokedException.class);
    }
}
