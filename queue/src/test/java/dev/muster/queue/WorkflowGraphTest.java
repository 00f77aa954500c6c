package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static dev.muster.queue.Canvas.map;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.graph.WorkflowGraph.Call;
import dev.muster.queue.graph.WorkflowGraph.Joint;
import dev.muster.queue.graph.WorkflowGraph.Node;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkflowGraphTest {
    private static Signature<Object> step(String name) {
        return call(name).returning(Object.class);
    }

    /// Edges such as `a -> b`, `a -link-> b`, in the names of tasks; a joint is `*`.
    private static List<String> edges(WorkflowGraph graph) {
        var names =
                graph.nodes().stream().collect(Collectors.toMap(Node::id, WorkflowGraphTest::name));
        return graph.edges().stream()
                .map(edge ->
                        switch (edge.kind()) {
                            case NEXT ->
                                    "%s -> %s"
                                            .formatted(
                                                    names.get(edge.from()), names.get(edge.to()));
                            default ->
                                    "%s -%s-> %s"
                                            .formatted(
                                                    names.get(edge.from()),
                                                    edge.kind().name().toLowerCase(Locale.ROOT),
                                                    names.get(edge.to()));
                        })
                .toList();
    }

    private static String name(Node node) {
        return switch (node) {
            case Call call -> call.title();
            case Joint _ -> "*";
        };
    }

    private static List<String> labels(WorkflowGraph graph) {
        return graph.nodes().stream()
                .map(node ->
                        switch (node) {
                            case Call call -> call.title() + call.arguments();
                            case Joint _ -> "*";
                        })
                .toList();
    }

    @Nested
    class OfAValue {
        @Test
        void aChainIsASequence() {
            var graph = step("a").then(step("b")).then(step("c")).graph();

            assertThat(edges(graph)).containsExactlyInAnyOrder("a -> b", "b -> c");
        }

        @Test
        void aGroupStandsSideBySideAndAChordsBodyJoinsIt() {
            var graph =
                    step("a")
                            .then(group(step("b"), step("c").then(step("d"))))
                            .then(step("e"))
                            .graph();

            assertThat(edges(graph))
                    .containsExactlyInAnyOrder("a -> b", "a -> c", "c -> d", "b -> e", "d -> e");
        }

        @Test
        void groupsThatFollowEachOtherMeetInAJoint() {
            var graph = group(step("a"), step("b")).then(group(step("c"), step("d"))).graph();

            assertThat(edges(graph))
                    .containsExactlyInAnyOrder("a -> *", "b -> *", "* -> c", "* -> d");
        }

        @Test
        void aGroupOfNoneIsPassed() {
            var empty = group(List.<Workflow<Object>>of());

            assertThat(edges(step("a").then(empty).then(step("b")).graph()))
                    .containsExactly("a -> b");
            assertThat(empty.graph().nodes()).isEmpty();
            assertThat(empty.graph().toSvg()).endsWith("</svg>\n");
        }

        @Test
        void callbacksAreLinksAndAnErrorCallbackOfSeveralIsDrawnOnce() {
            var graph =
                    step("a")
                            .link(step("noted").then(step("filed")))
                            .then(step("b"))
                            .onError(step("page").onError(step("give up")))
                            .graph();

            assertThat(edges(graph))
                    .containsExactlyInAnyOrder(
                            "a -> b",
                            "a -link-> noted",
                            "noted -> filed",
                            "a -error-> page",
                            "b -error-> page",
                            "page -error-> give up");
        }

        @Test
        void callbacksOfCompositesAsPythonWritesThemAreAtTheirParts() {
            var options =
                    Map.of(
                            "link", List.of(step("linked").toMap()),
                            "link_error", List.of(step("failed").toMap()));
            var chain = new LinkedHashMap<>(step("a").then(step("b")).toMap());
            chain.put("options", options);
            var chord = new LinkedHashMap<>(group(step("c"), step("d")).then(step("e")).toMap());
            chord.put("options", options);

            assertThat(edges(Workflow.ofMap(chain).graph()))
                    .containsExactlyInAnyOrder(
                            "a -> b", "b -link-> linked", "a -error-> failed", "b -error-> failed");
            assertThat(edges(Workflow.ofMap(chord).graph()))
                    .containsExactlyInAnyOrder(
                            "c -> e", "d -> e", "e -link-> linked", "e -error-> failed");
        }

        @Test
        void argumentsAreShortAndAnOpenCallShowsWhereTheValueComes() {
            var graph =
                    call("a", 1, null, "it's")
                            .then(call("b", 2).kwarg("size", List.of(1.5, true)))
                            .then(call("c", 3).immutable())
                            .then(call("d", "x".repeat(100), "y".repeat(100), "z"))
                            .graph();

            assertThat(labels(graph))
                    .containsExactly(
                            "a(1, None, \"it's\")",
                            "b(…, 2, size=[1.5, True])",
                            "c(3)",
                            "d(…, '%s..., ...)".formatted("x".repeat(16)));
        }

        @Test
        void aTaskThatIsMappedIsOneCallForManyItems() {
            assertThat(labels(map(OfResults.Tasks::left, List.of(1, 2, 3)).graph()))
                    .containsExactly("leftfor each of 3");
        }

        @Test
        void thePictureHoldsOnlyWhatXmlAndDotCanHold() {
            var graph = call("<a> & \"b\" \\ \u0007\ud800").graph();

            assertThat(graph.toSvg()).contains("&lt;a&gt; &amp; \"b\" \\ \ufffd\ufffd</text>");
            assertThat(graph.toDot()).contains("label=\"<a> & \\\"b\\\" \\\\  ");
        }
    }

    @Nested
    class Folded {
        private static Call task(int index, State state) {
            return new Call("n" + index, "load", "(%d)".formatted(index), "id" + index, state);
        }

        private static WorkflowGraph group(int size) {
            var nodes = new ArrayList<Node>();
            var edges = new ArrayList<WorkflowGraph.Edge>();
            nodes.add(new Call("n0", "start", "", null, null));
            for (var index = 1; index <= size; index++) {
                nodes.add(
                        task(
                                index,
                                index % 50 == 0
                                        ? State.FAILURE
                                        : index < 70 ? State.SUCCESS : State.PENDING));
                edges.add(new WorkflowGraph.Edge("n0", "n" + index, WorkflowGraph.Kind.NEXT));
            }
            return new WorkflowGraph(nodes, edges);
        }

        @Test
        void aLargeGroupShowsThreeAndTheStatesOfTheRest() {
            var folded = group(100).folded();

            assertThat(labels(folded))
                    .containsExactly(
                            "start",
                            "load(1)",
                            "load(2)",
                            "load(3)",
                            "97 more load2 FAILURE, 30 PENDING, 65 SUCCESS");
            assertThat(((Call) folded.nodes().getLast()).state()).isEqualTo(State.FAILURE);
            assertThat(edges(folded)).hasSize(4).contains("start -> 97 more load");
        }

        @Test
        void aSmallGroupAndDifferentNeighboursStayAsTheyAre() {
            var chains =
                    Canvas.group(
                                    IntStream.range(0, 20)
                                            .mapToObj(n -> step("a" + n).then(step("b" + n))))
                            .graph();

            assertThat(group(12).folded()).isEqualTo(group(12));
            assertThat(chains.folded()).isEqualTo(chains);
        }
    }

    @Nested
    class OfResults {
        private static final Duration LONG = Duration.ofSeconds(30);

        private final Tasks tasks = new Tasks();
        private final Muster muster =
                Muster.builder()
                        .settings(
                                Settings.DEFAULT.withAll(
                                        Map.of("broker_url", "memory:", "result_extended", true)))
                        .register(tasks)
                        .build();

        static final class Tasks {
            final Semaphore gate = new Semaphore(0);

            @Task(name = "start")
            static int start(int n) {
                return n;
            }

            @Task(name = "left")
            static int left(int n) {
                return n;
            }

            @Task(name = "right")
            int right(int n) throws InterruptedException {
                gate.acquire();
                return n;
            }

            @Task(name = "sum")
            static int sum(List<Integer> numbers) {
                return numbers.stream().mapToInt(n -> n).sum();
            }

            @Task(name = "end")
            static int end(int n) {
                return n;
            }

            @Task(name = "fails")
            static int fails(int n) {
                throw new IllegalStateException("not " + n);
            }
        }

        private Workflow<Integer> workflow() {
            return call(Tasks::start, 1)
                    .then(Step.each(List.of(Step.of(Tasks::left), Step.of(tasks()::right))))
                    .then(Tasks::sum)
                    .then(Tasks::end);
        }

        private Tasks tasks() {
            return tasks;
        }

        /// A worker sends what follows before it stores the result, so the last may be there first.
        private static void awaitAll(Result<?> last) {
            for (Result<?> each = last; each != null; each = each.parent().orElse(null)) {
                assertThat((Object) each.get(LONG)).isNotNull();
            }
        }

        private static Map<String, State> states(WorkflowGraph graph) {
            return graph.nodes().stream()
                    .map(Call.class::cast)
                    .collect(Collectors.toMap(Call::title, call -> call.state()));
        }

        @Test
        void aWorkflowThatWasSavedIsDrawnAsAWholeWhileItRuns() {
            try (muster;
                    var _ = muster.worker().concurrency(4).start()) {
                var result = muster.send(workflow());
                result.save();
                var header = result.parent().orElseThrow().parent().orElseThrow();
                var left = ((GroupResult<?>) header).results().getFirst();
                assertThat((Object) left.get(LONG)).isEqualTo(1);
                awaitAll(header.parent().orElseThrow());

                var running = muster.graph(result.id()).orElseThrow();

                assertThat(running.nodes()).hasSize(5);
                assertThat(states(running))
                        .containsEntry("start", State.SUCCESS)
                        .containsEntry("left", State.SUCCESS)
                        .containsEntry(result.id().substring(0, 8) + "…", State.PENDING);

                tasks.gate.release();
                awaitAll(result);
                var ended = muster.graph(result.id()).orElseThrow();
                assertThat(edges(ended))
                        .containsExactlyInAnyOrder(
                                "start -> left",
                                "start -> right",
                                "left -> sum",
                                "right -> sum",
                                "sum -> end");
                assertThat(states(ended).values()).containsOnly(State.SUCCESS);
                assertThat(((Call) ended.nodes().getFirst()).arguments()).isEqualTo("(1)");

                result.forget();
                assertThat(muster.graph(result.id())).isEmpty();
            }
        }

        @Test
        void whatWasNotSavedIsFoundByTheRecordsOfTheTasks() {
            try (muster;
                    var _ = muster.worker().concurrency(4).start()) {
                tasks.gate.release();
                var result = muster.send(workflow());
                awaitAll(result);

                var graph = muster.graph(result.id()).orElseThrow();

                assertThat(edges(graph))
                        .containsExactlyInAnyOrder(
                                "start -> left",
                                "start -> right",
                                "left -> sum",
                                "right -> sum",
                                "sum -> end");
            }
        }

        @Test
        void aGroupAtTheEndIsSavedWithWhatComesBeforeIt() {
            try (muster;
                    var _ = muster.worker().concurrency(4).start()) {
                var result =
                        muster.send(
                                call(Tasks::start, 1)
                                        .then(
                                                Step.each(
                                                        List.of(
                                                                Step.of(Tasks::left),
                                                                Step.of(Tasks::fails)))));
                result.save();
                var members = ((GroupResult<?>) (Object) result).results();
                awaitAll(result.parent().orElseThrow());
                for (var member : members) {
                    var _ = member.toCompletableFuture().handle((_, _) -> "ended").join();
                }

                var graph = muster.graph(result.id()).orElseThrow();

                assertThat(edges(graph))
                        .containsExactlyInAnyOrder("start -> left", "start -> fails");
                assertThat(states(graph)).containsEntry("fails", State.FAILURE);
            }
        }

        @Test
        void nothingIsKnownOfAnUnknownId() {
            try (muster) {
                assertThat(muster.graph("unknown")).isEmpty();
            }
        }

        @Test
        void recordsThatContradictEachOtherAreDrawnAsFarAsTheyGo() {
            try (muster) {
                store("a", "b", List.of(List.of(List.of("b", "x"), 3), 7, "b"));
                store("b", "a", List.of("a"));

                var graph = muster.graph("a").orElseThrow();

                assertThat(edges(graph)).containsExactlyInAnyOrder("a -> b", "b -> a");
                assertThat(graph.toSvg()).endsWith("</svg>\n");
            }
        }

        private void store(String id, String parent, List<?> children) {
            muster.store()
                    .store(
                            new ResultRecord(
                                    id,
                                    State.SUCCESS,
                                    1,
                                    null,
                                    null,
                                    Map.of("parent_id", parent, "children", children)),
                            null);
        }
    }
}
