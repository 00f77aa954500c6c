package dev.muster.queue.graph;

import dev.muster.queue.graph.WorkflowGraph.Call;
import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Node;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes large groups small: of many tasks between the same neighbours the first are kept, and one
/// box stands for the rest.
final class Folding {
    /// More than fit below each other on a screen.
    private static final int MANY = 12;

    /// Enough to see that they are alike.
    private static final int KEPT = 3;

    private Folding() {}

    /// What leads to a node, and where it leads.
    private record Neighbours(Set<Edge> before, Set<Edge> behind) {
        Neighbours() {
            this(new HashSet<>(), new HashSet<>());
        }
    }

    static WorkflowGraph fold(WorkflowGraph graph) {
        var alike = new LinkedHashMap<Neighbours, List<Call>>();
        var neighbours = neighbours(graph);
        for (var node : graph.nodes()) {
            if (node instanceof Call call) {
                alike.computeIfAbsent(
                                Objects.requireNonNull(neighbours.get(call.id())),
                                _ -> new ArrayList<>())
                        .add(call);
            }
        }
        var removed = new HashSet<String>();
        var rests = new HashMap<String, Node>();
        for (var calls : alike.values()) {
            if (calls.size() > MANY) {
                var rest = calls.subList(KEPT, calls.size());
                rest.forEach(call -> removed.add(call.id()));
                // It takes the place, the name and so the edges of the first of them.
                rests.put(rest.getFirst().id(), rest(rest));
            }
        }
        removed.removeAll(rests.keySet());
        return new WorkflowGraph(
                graph.nodes().stream()
                        .filter(node -> !removed.contains(node.id()))
                        .map(node -> rests.getOrDefault(node.id(), node))
                        .toList(),
                graph.edges().stream()
                        .filter(edge ->
                                !removed.contains(edge.from()) && !removed.contains(edge.to()))
                        .toList());
    }

    private static Map<String, Neighbours> neighbours(WorkflowGraph graph) {
        var neighbours = new HashMap<String, Neighbours>();
        graph.nodes().forEach(node -> neighbours.put(node.id(), new Neighbours()));
        for (var edge : graph.edges()) {
            Objects.requireNonNull(neighbours.get(edge.from()))
                    .behind
                    .add(new Edge("", edge.to(), edge.kind()));
            Objects.requireNonNull(neighbours.get(edge.to()))
                    .before
                    .add(new Edge(edge.from(), "", edge.kind()));
        }
        return neighbours;
    }

    private static Call rest(List<Call> calls) {
        var titles = calls.stream().map(Call::title).distinct().toList();
        var title = String.format(Locale.ROOT, "%,d more", calls.size());
        return new Call(
                calls.getFirst().id(),
                titles.size() == 1 ? title + " " + titles.getFirst() : title,
                states(calls),
                null,
                worst(calls));
    }

    /// Such as `2 FAILURE, 995 SUCCESS`; empty for what was not sent.
    private static String states(List<Call> calls) {
        var counts = new TreeMap<String, Integer>();
        for (var call : calls) {
            if (call.state() != null) {
                counts.merge(call.state().name(), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .map(count ->
                        String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
    }

    /// The state that they have in common; of different ones that of a failure, which is to be
    /// seen, or of one that has not ended.
    private static @Nullable State worst(List<Call> calls) {
        State worst = null;
        for (var call : calls) {
            var state = call.state();
            if (state != null && (worst == null || rank(state) > rank(worst))) {
                worst = state;
            }
        }
        return worst;
    }

    private static int rank(State state) {
        if (!state.isReady()) {
            return 1;
        }
        return state.equals(State.SUCCESS) ? 0 : 2;
    }
}
