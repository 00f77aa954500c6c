package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.GroupResult;
import dev.muster.queue.Muster;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.Workflow;
import dev.muster.queue.codec.Json;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a broker and a result store must do so that workflows of Celery and of Muster are one:
/// built by a client of either, run by workers of either, step by step. Extend it, and name a
/// server of each kind.
///
/// Python writes each workflow down; it sends it itself, or Java reads it and sends it. The tasks
/// go to the Java worker, to the Python worker, or to both in turn. Their values must be those that
/// a Celery client gets from Celery workers, which is one of the combinations.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
public abstract class CeleryWorkflowContract {
    /// Long enough that only a lost message or result lets it pass.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final List<String> SIDES =
            List.of("java", "python", "java,python", "python,java", "java,java,python");

    /// Workflows and their values.
    private static final Map<String, String> WORKFLOWS = workflows();

    private final String prefix = "workflows-" + UUID.randomUUID() + "-";
    private final Json json = new Json(false);
    private @TempDir Path folder;
    private CeleryWorker celeryWorker;
    private CeleryClient celery;
    private Muster muster;
    private Worker worker;

    /// As both sides write it.
    protected abstract String brokerUrl();

    /// As both sides write it.
    protected abstract String resultBackend();

    private static Map<String, String> workflows() {
        var workflows = new LinkedHashMap<String, String>();
        workflows.put("chain(s('add', 1, 2), s('add', 3))", "6");
        workflows.put("chain(s('add', 1, 2), s('add', 3), s('add', b=4))", "10");
        workflows.put("chain([s('add', 1, 1)] + [s('add', 1) for _ in range(19)])", "21");
        workflows.put(
                "chain(s('add', 1, 2), s('add', 3, 4).set(immutable=True), s('add', 5))", "12");
        workflows.put("chain(chain(s('add', 1, 2), s('add', 3)), chain(s('add', 4)))", "10");
        workflows.put("group([])", "[]");
        workflows.put("group([s('add', 1, 2)])", "[3]");
        workflows.put("group([s('add', n, n) for n in range(3)])", "[0, 2, 4]");
        workflows.put(
                "group([s('add', 1, 1), group([s('add', 2, 2), s('add', 3, 3)])])", "[2, 4, 6]");
        workflows.put("group([chain(s('add', 1, 1), s('add', 1)), s('add', 4, 4)])", "[3, 8]");
        workflows.put("chain(s('add', 1, 1), group([s('add', 1), s('add', 2)]))", "[3, 4]");
        workflows.put("chain(s('add', 1, 1), group([s('add', 1), s('add', 2)]), s('sum'))", "7");
        workflows.put("chord([], s('sum'))", "0");
        workflows.put("chord([s('add', 1, 1)], s('sum'))", "2");
        workflows.put(
                "chord([s('add', n, n) for n in range(10)], s('echo'))",
                "[0, 2, 4, 6, 8, 10, 12, 14, 16, 18]");
        workflows.put(
                "chord([s('echo', None), s('echo', {'ü': [1.5]})], s('echo'))",
                "[null, {\"ü\": [1.5]}]");
        workflows.put("chord([s('add', 1, 1), s('add', 2, 2)], s('sum')) | s('add', 1)", "7");
        workflows.put(
                "chord([s('add', 1, 1), s('add', 2, 2)], chain(s('sum'), s('add', 1), s('add', 1)))",
                "8");
        workflows.put(
                "chord([s('add', 1, 1), s('add', 2, 2)], group([s('sum'), s('echo')]))",
                "[6, [2, 4]]");
        workflows.put("chord([chain(s('add', 1, 1), s('add', 1)), s('add', 2, 2)], s('sum'))", "7");
        workflows.put(
                "chord([chord([s('add', 1, 1), s('add', 2, 2)], s('sum')), s('add', 1, 0)], s('echo'))",
                "[6, 1]");
        workflows.put(
                "chord([s('add', 1, 1), s('add', 1, 2)], chord([s('sum'), s('sum')], s('echo')))",
                "[5, 5]");
        workflows.put(
                "chain(s('add', 1, 1), chord([s('add', 1), s('add', 2)], s('sum')), s('add', 1))",
                "8");
        workflows.put("chain(s('twice', 4), s('add', 1))", "9");
        workflows.put("chord([s('twice', 4), s('add', 1, 1)], s('echo'))", "[8, 2]");
        workflows.put("chain(s('spread', 3), s('sum'))", "6");
        workflows.put("chord([s('bring', 1), s('bring', 2)], s('sum'))", "33");
        workflows.put("chain(s('again', 4), s('add', 1))", "5");
        workflows.put("chord([s('again', 4), s('add', 1, 1)], s('echo'))", "[4, 2]");
        workflows.put("chord([chain(s('add', 1, 1), s('again')), s('add', 1, 2)], s('sum'))", "5");
        workflows.put("chord([s('spread', 3), s('add', 1, 1)], s('sum'))", "8");
        workflows.put("chain(s('add', 1, 1), s('spread'), s('sum'))", "2");
        return workflows;
    }

    @BeforeAll
    final void start() {
        var app = "PREFIX = '%s'\n%s".formatted(prefix, Resources.text("celery_workflows.py"));
        var started =
                CompletableFuture.supplyAsync(
                        () ->
                                CeleryWorker.start(
                                        CeleryWorker.Options.of(app, brokerUrl())
                                                .withResults(resultBackend())
                                                .withConcurrency(2)
                                                .withQueues(prefix + "python")),
                        Thread::startVirtualThread);
        celery =
                CeleryClient.start(
                        app, Resources.text("celery_client.py"), brokerUrl(), resultBackend());
        muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT.withAll(
                                        Map.of(
                                                "broker_url",
                                                brokerUrl(),
                                                "result_backend",
                                                resultBackend(),
                                                "json_typed_values",
                                                false,
                                                "task_default_queue",
                                                prefix + "java")))
                        .tasks(CeleryWorkflowTasks.class)
                        .build();
        worker = muster.worker().queues(prefix + "java").concurrency(4).start();
        celeryWorker = started.join();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
    }

    @AfterAll
    final void stop() {
        worker.close();
        muster.close();
        celery.close();
        celeryWorker.close();
    }

    /// Whatever Java wrote, it did not bring the Python worker down.
    @AfterEach
    final void theCeleryWorkerIsWell() {
        assertThat(celeryWorker.isRunning()).as(celeryWorker.log()).isTrue();
        assertThat(celeryWorker.log()).doesNotContain("Unrecoverable error");
    }

    /// Tasks go to these sides in turn.
    static Stream<String> sides() {
        return SIDES.stream();
    }

    @ParameterizedTest
    @MethodSource("sides")
    void aPythonClientGetsTheValueOfEveryWorkflow(String sides) {
        WORKFLOWS.forEach((workflow, value) ->
                assertThat(python("value('%s', lambda: %s)".formatted(sides, workflow)))
                        .as("%s on %s", workflow, sides)
                        .isEqualTo(json.read(value)));
    }

    @ParameterizedTest
    @MethodSource("sides")
    void aJavaClientGetsTheValueOfEveryWorkflow(String sides) {
        WORKFLOWS.forEach((workflow, value) ->
                assertThat(muster.send(workflow(sides, workflow)).get(PATIENCE))
                        .as("%s on %s", workflow, sides)
                        .isEqualTo(json.read(value)));
    }

    private @Nullable Object python(String expression) {
        return celery.eval(expression);
    }

    /// As Python writes it, read by Java.
    @SuppressWarnings("unchecked")
    private Workflow<@Nullable Object> workflow(String sides, String expression) {
        var plain = python("dictionary('%s', lambda: %s)".formatted(sides, expression));
        return Workflow.ofMap((Map<String, @Nullable Object>) Objects.requireNonNull(plain));
    }

    @Test
    void javaWritesEachWorkflowAsPythonDoes() {
        for (var expression : WORKFLOWS.keySet()) {
            var plain = python("dictionary('java', lambda: %s)".formatted(expression));
            @SuppressWarnings("unchecked")
            var map = (Map<String, @Nullable Object>) Objects.requireNonNull(plain);

            assertThat(Workflow.ofMap(Workflow.ofMap(map).toMap()))
                    .as(expression)
                    .isEqualTo(Workflow.ofMap(map));
        }
    }

    @ParameterizedTest
    @MethodSource("sides")
    void aFailureInAChainReachesBothClientsAndTheErrorCallbacks(String sides) {
        var notes = folder.resolve("chain-" + sides);
        var expression =
                "chain(s('add', 1, 2), s('fail'), s('add', 1), s('add', 2)).on_error(s('note', path='%s'))"
                        .formatted(notes);

        var seen = outcome(sides, expression);
        assertThat(seen.get("args")).asString().contains("no 3");
        var result = muster.send(workflow(sides, expression));
        assertThatThrownBy(() -> result.get(PATIENCE))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("no 3");
        var failed = result.parent().orElseThrow().parent().orElseThrow();

        Awaitility.await().atMost(PATIENCE).until(() -> lines(notes).size() >= 2);
        assertThat(lines(notes)).hasSize(2).contains(failed.id());
    }

    private Map<?, ?> outcome(String sides, String expression) {
        return (Map<?, ?>)
                Objects.requireNonNull(
                        python(
                                "outcome(keep(built('%s', lambda: %s).apply_async()))"
                                        .formatted(sides, expression)));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("sides")
    void aFailingMemberFailsTheChordForBothClients(String sides) {
        var notes = folder.resolve("chord-" + sides);
        var expression =
                "chord([s('add', 1, 1), s('fail', 7), s('add', 2, 2)], s('sum').on_error(s('note', path='%s')))"
                        .formatted(notes);

        // It may see the failure of the member before that of the body.
        assertThat(outcome(sides, expression).get("args")).asString().contains("no 7");
        var result = muster.send(workflow(sides, expression));
        assertThatThrownBy(() -> result.get(PATIENCE)).hasMessageContaining("no 7");

        var record = muster.resultRecord(result.id()).orElseThrow();
        assertThat(record.result()).asString().contains("ChordError", "no 7");
        Awaitility.await().atMost(PATIENCE).until(() -> lines(notes).size() >= 2);
        assertThat(lines(notes)).hasSize(2).contains(result.id());
    }

    @ParameterizedTest
    @MethodSource("sides")
    void callbacksGetTheValue(String sides) {
        var notes = folder.resolve("links-" + sides);
        var link = "s('note', path='%s')".formatted(notes);
        var linked =
                "(lambda c: (c.tasks[0].link(%s), c.tasks[0].link(%s), c.tasks[-1].link(%s), c)[-1])(chain(s('add', 1, 2), s('add', 3)))"
                        .formatted(link, link + ".set(priority=3)", link);
        assertThat(python("value('%s', lambda: %s)".formatted(sides, linked))).isEqualTo(6L);
        assertThat(muster.send(workflow(sides, linked)).get(PATIENCE)).isEqualTo(6L);

        Awaitility.await().atMost(PATIENCE).until(() -> lines(notes).size() >= 6);
        assertThat(lines(notes)).containsExactlyInAnyOrder("3", "3", "3", "3", "6", "6");
    }

    @ParameterizedTest
    @MethodSource("sides")
    void eachTaskKnowsItsPlace(String sides) {
        var result =
                muster.send(
                        workflow(sides, "chain(s('add', 1, 1), group([s('where'), s('where')]))"));

        var first = result.parent().orElseThrow().id();
        var members = ((GroupResult<?>) (Object) result).results();
        for (var index = 0; index < 2; index++) {
            assertThat((Object) members.get(index).get(PATIENCE))
                    .isEqualTo(List.of(members.get(index).id(), first, first, (long) index));
        }
    }

    @Test
    void groupsAreSavedAndFoundByTheOther() {
        var id =
                (String)
                        Objects.requireNonNull(
                                python(
                                        "(lambda r: (r.save(), r.id)[-1])(built('java,python', lambda: group([s('add', n, n) for n in range(3)])).apply_async())"));
        assertThat(muster.groupResult(id, Long.class).orElseThrow().get(PATIENCE))
                .containsExactly(0L, 2L, 4L);

        var group =
                (GroupResult<?>)
                        (Object)
                                muster.send(
                                        workflow(
                                                "python,java",
                                                "group([s('add', n, 1) for n in range(3)])"));
        group.save();
        assertThat(python("settled(app.GroupResult.restore('%s'))".formatted(group.id())))
                .isEqualTo(List.of(1L, 2L, 3L));
    }

    /// Saved, and from what the workers have stored.
    @ParameterizedTest
    @MethodSource("sides")
    void aWorkflowThatWasSentIsDrawn(String sides) {
        var result =
                muster.send(
                        workflow(
                                sides,
                                "chain(s('add', 1, 1), group([s('add', 1), s('add', 2)]), s('sum'), s('add', 1))"));
        var second = result.parent().orElseThrow();
        var header = (GroupResult<?>) second.parent().orElseThrow();
        var first = header.parent().orElseThrow();
        var members = header.results();
        assertThat(result.get(PATIENCE)).isEqualTo(8L);
        // A worker sends what follows before it stores the result.
        assertThat((Object) second.get(PATIENCE)).isEqualTo(7L);
        assertThat((Object) header.get(PATIENCE)).isEqualTo(List.of(3L, 4L));
        assertThat((Object) first.get(PATIENCE)).isEqualTo(2L);

        var found = muster.graph(result.id()).orElseThrow();
        result.save();
        var saved = muster.graph(result.id()).orElseThrow();

        var edges = new ArrayList<String>();
        for (var member : members) {
            edges.add(first.id() + " -> " + member.id());
            edges.add(member.id() + " -> " + second.id());
        }
        edges.add(second.id() + " -> " + result.id());
        assertThat(drawnEdges(found)).containsExactlyInAnyOrderElementsOf(edges);
        assertThat(drawnEdges(saved)).containsExactlyInAnyOrderElementsOf(edges);
        assertThat(saved.nodes())
                .allMatch(node ->
                        node instanceof WorkflowGraph.Call call
                                && State.SUCCESS.equals(call.state()));
    }

    /// In the ids of tasks.
    private static List<String> drawnEdges(WorkflowGraph graph) {
        var ids = new HashMap<String, String>();
        for (var node : graph.nodes()) {
            if (node instanceof WorkflowGraph.Call call) {
                ids.put(call.id(), String.valueOf(call.taskId()));
            }
        }
        return graph.edges().stream()
                .map(edge -> ids.get(edge.from()) + " -> " + ids.get(edge.to()))
                .toList();
    }

    @Test
    void mappingTasksRunOnBothSides() {
        for (var side : List.of("java", "python")) {
            var queue = "queue=PREFIX + '%s'".formatted(side);
            assertThat(
                            python(
                                    "xmap(app.signature('w.echo'), [1, 2]).apply_async(%s).get(timeout=60)"
                                            .formatted(queue)))
                    .isEqualTo(List.of(1L, 2L));
            assertThat(
                            python(
                                    "chunks(app.signature('w.add'), [(1, 1), (2, 2), (3, 3)], 2).apply_async(%s).get(timeout=60)"
                                            .formatted(queue)))
                    .isEqualTo(List.of(List.of(2L, 4L), List.of(6L)));
        }
    }

    @Test
    void aThousandMembersAreCountedByWorkersOfBothKinds() {
        var expression = "chord([s('add', n, 0) for n in range(1000)], s('sum'))";

        assertThat(python("value('java,python', lambda: %s)".formatted(expression)))
                .isEqualTo(499_500L);
        assertThat(muster.send(workflow("java,python", expression)).get(PATIENCE))
                .isEqualTo(499_500L);
    }

    @Test
    void ofAHundredChordsEachBodyRunsOnceThoughTheirMembersEndAtOnce() {
        var notes = folder.resolve("bodies");
        var chord =
                workflow(
                        "java,python",
                        "chord([s('echo', 1) for _ in range(6)], s('note', path='%s'))"
                                .formatted(notes));

        var results = muster.sendAll(Collections.nCopies(100, chord));

        results.forEach(result -> assertThat(result.get(PATIENCE)).isNull());
        assertThat(lines(notes)).hasSize(100);
    }

    /// Of the new style: called where the task has failed, with the failure.
    @Test
    void errorCallbacksThatWantTheFailureAreCalledWhereTheTaskFails() throws InterruptedException {
        var notes = folder.resolve("blame");
        var expression = "s('fail', 7).on_error(s('blame', path='%s'))".formatted(notes);

        for (var side : List.of("python", "java")) {
            var failed = muster.send(workflow(side, expression));
            assertThatThrownBy(() -> failed.get(PATIENCE)).hasMessageContaining("no 7");
            assertThat(outcome(side, expression).get("args")).asString().contains("no 7");

            if (side.equals("python")) {
                Awaitility.await().atMost(PATIENCE).until(() -> lines(notes).size() >= 2);
                assertThat(lines(notes)).hasSize(2).contains(failed.id() + " no 7");
            } else {
                var told =
                        List.of(
                                String.valueOf(
                                        CeleryWorkflowTasks.BLAMED.poll(60, TimeUnit.SECONDS)),
                                String.valueOf(
                                        CeleryWorkflowTasks.BLAMED.poll(60, TimeUnit.SECONDS)));
                assertThat(told)
                        .contains(failed.id() + " no 7")
                        .allMatch(line -> line.endsWith("no 7"));
            }
        }
    }

    @Test
    void theTaskThatAccumulatesRunsOnBothSides() {
        for (var side : List.of("java", "python")) {
            assertThat(builtIn(side, "celery.accumulate", "1, [2]"))
                    .isEqualTo(List.of(1L, List.of(2L)));
            assertThat(
                            python(
                                    "app.send_task('celery.accumulate', [[1, 2], 3], {'index': 0}, queue=PREFIX + '%s').get(timeout=60)"
                                            .formatted(side)))
                    .isEqualTo(List.of(1L, 2L));
        }
    }

    private @Nullable Object builtIn(String side, String task, String arguments) {
        return python(
                "app.send_task('%s', [%s], queue=PREFIX + '%s').get(timeout=60)"
                        .formatted(task, arguments, side));
    }

    @Test
    void javaRunsGroupsChordsAndChunksThatAreSentAsTasks() {
        assertThat(
                        python(
                                "built('java,python', lambda: (lambda ids: (app.send_task('celery.group', [[s('add', 1).set(task_id=ids[0]), s('add', 2).set(task_id=ids[1])], None, 'some-group', [10]], queue=PREFIX + 'java').get(timeout=60), [settled(app.AsyncResult(id)) for id in ids])[1])([uuid.uuid4().hex for _ in range(2)]))"))
                .isEqualTo(List.of(11L, 12L));
        assertThat(
                        python(
                                "built('java,python', lambda: (lambda id: (app.send_task('celery.chord', [[s('add', 1, 1), s('add', 2, 2)], s('sum').set(task_id=id)], queue=PREFIX + 'java').get(timeout=60), settled(app.AsyncResult(id)))[1])(uuid.uuid4().hex))"))
                .isEqualTo(6L);
        assertThat(
                        python(
                                "settled(__import__('celery.result').result.result_from_tuple(app.send_task('celery.chunks', [app.signature('w.add').set(queue=PREFIX + 'java'), [[1, 1], [2, 2], [3, 3]], 2], queue=PREFIX + 'java').get(timeout=60), app))"))
                .isEqualTo(List.of(List.of(2L, 4L), List.of(6L)));
    }

    @Test
    void aChainIsNoTask() {
        var seen =
                (Map<?, ?>)
                        Objects.requireNonNull(
                                python("outcome(send('celery.chain', queue=PREFIX + 'java'))"));

        assertThat(seen.get("status")).isEqualTo("FAILURE");
        assertThat(seen.get("args")).asString().contains("chain is not a real task");
    }

    @Test
    void cleaningUpTheStoreRunsOnBothSides() {
        for (var side : List.of("java", "python")) {
            var notes = folder.resolve("cleaned-" + side);

            python(
                    "keep(app.send_task('celery.backend_cleanup', queue=PREFIX + '%s', link=built('java', lambda: s('note', 'clean', path='%s').set(immutable=True))))"
                            .formatted(side, notes));

            Awaitility.await().atMost(PATIENCE).until(() -> lines(notes).size() == 1);
        }
    }

    /// As clients send it whose store does not count; workers look, wherever results are.
    @Test
    void theTaskThatLooksForTheMembersOfAChordRunsOnBothSides() {
        for (var side : List.of("java", "python")) {
            assertThat(
                            python(
                                    "built('java,python', lambda: (lambda members, id: (app.send_task('celery.chord_unlock', ['unlocked-' + id, s('echo').set(task_id=id)], {'interval': None, 'max_retries': None, 'result': [m.as_tuple() for m in members]}, queue=PREFIX + '%s'), settled(app.AsyncResult(id)))[1])([s('again', 1).apply_async(), s('again', 2).apply_async()], uuid.uuid4().hex))"
                                            .formatted(side)))
                    .isEqualTo(List.of(1L, 2L));
        }
    }
}
