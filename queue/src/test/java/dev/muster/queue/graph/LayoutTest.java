package dev.muster.queue.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.graph.WorkflowGraph.Call;
import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Kind;
import dev.muster.queue.graph.WorkflowGraph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayoutTest {
    private static final Layout.Size SIZE = new Layout.Size(80, 30);

    private static List<Node> nodes(int count) {
        return IntStream.range(0, count)
                .<Node>mapToObj(index -> new Call("n" + index, "task", "", null, null))
                .toList();
    }

    private static Edge edge(int from, int to) {
        return new Edge("n" + from, "n" + to, Kind.NEXT);
    }

    static List<Long> seeds() {
        return new Random().longs(50).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void boxesDoNotTouchAndEdgesLeadToTheRight(long seed) {
        var random = new Random(seed);
        var count = 1 + random.nextInt(25);
        var edges = new ArrayList<Edge>();
        for (var number = random.nextInt(2 * count); number > 0; number--) {
            var from = random.nextInt(count);
            if (from < count - 1) {
                edges.add(edge(from, from + 1 + random.nextInt(count - from - 1)));
            }
        }
        var graph = new WorkflowGraph(nodes(count), edges);

        var layout = Layout.of(graph, _ -> SIZE);

        for (var node : graph.nodes()) {
            var box = layout.box(node.id());
            assertThat(box.x()).isPositive();
            assertThat(box.x() + box.width()).isLessThan(layout.width());
            assertThat(box.y()).isPositive();
            assertThat(box.y() + box.height()).isLessThan(layout.height());
            for (var other : graph.nodes()) {
                assertThat(!other.equals(node) && touch(box, layout.box(other.id())))
                        .as("%s and %s", node, other)
                        .isFalse();
            }
        }
        for (var edge : graph.edges()) {
            var points = layout.route(edge);
            assertThat(points.size() % 2).isZero();
            assertThat(points.stream().map(Layout.Point::x).toList()).isSorted();
            assertThat(points.getFirst().x()).isEqualTo(right(layout.box(edge.from())));
            assertThat(points.getLast().x()).isEqualTo(layout.box(edge.to()).x());
        }
    }

    private static double right(Layout.Box box) {
        return box.x() + box.width();
    }

    private static boolean touch(Layout.Box one, Layout.Box other) {
        return one.x() <= right(other)
                && other.x() <= right(one)
                && one.y() <= other.y() + other.height()
                && other.y() <= one.y() + one.height();
    }

    @Test
    void edgesOfAGroupAndItsBodyDoNotCross() {
        var edges = new ArrayList<Edge>();
        for (var member = 1; member <= 5; member++) {
            edges.add(edge(0, member));
            edges.add(edge(member, 6 + member));
            edges.add(edge(6 + member, 6));
        }

        var layout = Layout.of(new WorkflowGraph(nodes(12), edges), _ -> SIZE);

        for (var member = 1; member <= 5; member++) {
            assertThat(layout.box("n" + (6 + member)).y()).isEqualTo(layout.box("n" + member).y());
        }
        assertThat(layout.box("n0").y()).isEqualTo(layout.box("n3").y());
        assertThat(layout.box("n6").y()).isEqualTo(layout.box("n3").y());
    }

    @Test
    void anEdgeThatClosesACircleIsLeftOut() {
        var edges = List.of(edge(0, 1), edge(1, 2), edge(2, 0), edge(2, 2));

        var layout = Layout.of(new WorkflowGraph(nodes(3), edges), _ -> SIZE);

        assertThat(edges.stream().filter(edge -> layout.route(edge).isEmpty()).toList())
                .containsExactly(edge(2, 0), edge(2, 2));
    }

    @Test
    @Timeout(60)
    void largeGroupsAndLongChainsAreDrawn() {
        var edges = new ArrayList<Edge>();
        for (var member = 1; member <= 2_000; member++) {
            edges.add(edge(0, member));
            edges.add(edge(member, 2_001));
        }
        for (var step = 2_001; step < 2_999; step++) {
            edges.add(edge(step, step + 1));
        }

        var layout = Layout.of(new WorkflowGraph(nodes(3_000), edges), _ -> SIZE);

        assertThat(layout.height()).isGreaterThan(2_000 * SIZE.height());
        assertThat(layout.width()).isGreaterThan(1_000 * SIZE.width());
    }
}
