package dev.muster.queue.graph;

import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A workflow as it is drawn. Immutable.
///
/// @param nodes in the order in which they are drawn
/// @param edges between nodes of this graph
public record WorkflowGraph(List<Node> nodes, List<Edge> edges) {
    public WorkflowGraph {
        nodes = List.copyOf(nodes);
        edges = List.copyOf(edges);
        var ids = nodes.stream().map(Node::id).collect(Collectors.toSet());
        if (ids.size() < nodes.size()) {
            throw new IllegalArgumentException("two nodes have the same id");
        }
        for (var edge : edges) {
            if (!ids.contains(edge.from) || !ids.contains(edge.to)) {
                throw new IllegalArgumentException("%s leads to no node".formatted(edge));
            }
        }
    }

    /// What edges lead to.
    public sealed interface Node {
        /// Its name within the graph: a letter, then digits.
        String id();
    }

    /// A task.
    ///
    /// @param title its name; the beginning of its id where the name is not known
    /// @param arguments the arguments, shortened, or what else is to be said; may be empty
    /// @param taskId the id of the task; null when it has none yet
    /// @param state how far it is; null when it was not sent
    public record Call(
            String id,
            String title,
            String arguments,
            @Nullable String taskId,
            @Nullable State state)
            implements Node {
        /// What is written on it.
        List<String> lines() {
            var lines = new ArrayList<String>(3);
            lines.add(title);
            if (!arguments.isEmpty()) {
                lines.add(arguments);
            }
            if (state != null) {
                lines.add(state.name());
            }
            return lines;
        }
    }

    /// Where all tasks of one group meet before those of the next start.
    public record Joint(String id) implements Node {}

    /// What leads from one node to another.
    public record Edge(String from, String to, Kind kind) {}

    /// Why the other is started.
    public enum Kind {
        /// It is the next step, or what a task has sent.
        NEXT,
        /// It is called in addition, after a success.
        LINK,
        /// It is called after a failure.
        ERROR
    }

    /// The same, small enough to be looked at: of more than 12 tasks with the same neighbours,
    /// which members of a group are, the first three, and one for the rest, with the number of
    /// those in each state.
    public WorkflowGraph folded() {
        return Folding.fold(this);
    }

    /// In the language of Graphviz: `dot -Tpng`, and many others, read it.
    public String toDot() {
        return DotWriter.write(this);
    }

    /// As a picture, complete in itself, laid out from left to right.
    public String toSvg() {
        return SvgWriter.write(this);
    }

    /// As plain data: `nodes` with `id`, `task`, `arguments`, and where they are known `task_id`
    /// and `state` (a joint has `joint` alone), `edges` with `from`, `to` and `kind`, which is
    /// `next`, `link` or `error`.
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("nodes", nodes.stream().map(WorkflowGraph::toMap).toList());
        map.put("edges", edges.stream().map(WorkflowGraph::toMap).toList());
        return map;
    }

    private static Map<String, Object> toMap(Node node) {
        var map = new LinkedHashMap<String, Object>();
        map.put("id", node.id());
        switch (node) {
            case Call call -> {
                map.put("task", call.title);
                map.put("arguments", call.arguments);
                if (call.taskId != null) {
                    map.put("task_id", call.taskId);
                }
                if (call.state != null) {
                    map.put("state", call.state.name());
                }
            }
            case Joint _ -> map.put("joint", true);
        }
        return map;
    }

    private static Map<String, Object> toMap(Edge edge) {
        var map = new LinkedHashMap<String, Object>();
        map.put("from", edge.from);
        map.put("to", edge.to);
        map.put("kind", edge.kind.name().toLowerCase(Locale.ROOT));
        return map;
    }
}
