package dev.muster.queue;

import dev.muster.queue.codec.PythonRepr;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Kind;
import dev.muster.queue.graph.WorkflowGraph.Node;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A [WorkflowGraph] in the making. Used once, by one thread.
final class Drawing {
    /// What fits on a box.
    private static final int ARGUMENT_LIMIT = 20;

    private static final int ARGUMENTS_LIMIT = 40;
    private static final int TITLE_LIMIT = 80;

    private final List<Node> nodes = new ArrayList<>();
    private final Set<Edge> edges = new LinkedHashSet<>();
    private final Map<Meeting, String> joints = new HashMap<>();

    /// What leads through a joint, which the records of several tasks may tell.
    private record Meeting(List<String> from, List<String> to, Kind kind) {}

    /// Where a part of a drawing begins and ends: the nodes that nothing in it leads to, and those
    /// that lead to nothing in it. Both are empty for a group of none.
    record Ends(List<String> first, List<String> last) {
        static final Ends NOTHING = new Ends(List.of(), List.of());

        Ends {
            first = List.copyOf(first);
            last = List.copyOf(last);
        }

        static Ends sideBySide(List<Ends> parts) {
            return new Ends(
                    parts.stream().flatMap(part -> part.first.stream()).distinct().toList(),
                    parts.stream().flatMap(part -> part.last.stream()).distinct().toList());
        }
    }

    WorkflowGraph toGraph() {
        return new WorkflowGraph(nodes, List.copyOf(edges));
    }

    /// @return the id of the node
    String call(String title, String arguments, @Nullable String taskId, @Nullable State state) {
        var id = nextId();
        nodes.add(new WorkflowGraph.Call(id, cut(title), arguments, taskId, state));
        return id;
    }

    private static String cut(String title) {
        return title.codePointCount(0, title.length()) <= TITLE_LIMIT
                ? title
                : title.substring(0, title.offsetByCodePoints(0, TITLE_LIMIT - 1)) + "…";
    }

    private String nextId() {
        return "n" + (nodes.size() + 1);
    }

    /// One after the other: all that the first ends with leads to all that the next begins with,
    /// through a joint where both are several.
    Ends sequence(Ends first, Ends next) {
        if (first.last.isEmpty()) {
            return next;
        }
        if (next.first.isEmpty()) {
            return first;
        }
        connect(first.last, next.first, Kind.NEXT);
        return new Ends(first.first, next.last);
    }

    void connect(List<String> from, List<String> to, Kind kind) {
        if (from.size() > 1 && to.size() > 1) {
            var joint = joint(new Meeting(from, to, kind));
            connect(from, List.of(joint), kind);
            connect(List.of(joint), to, kind);
            return;
        }
        for (var source : from) {
            for (var target : to) {
                if (!source.equals(target)) {
                    edges.add(new Edge(source, target, kind));
                }
            }
        }
    }

    private String joint(Meeting meeting) {
        var known = joints.get(meeting);
        if (known != null) {
            return known;
        }
        var joint = new WorkflowGraph.Joint(nextId());
        nodes.add(joint);
        joints.put(meeting, joint.id());
        return joint.id();
    }

    /// Arguments for a box: `(1, 'pdf', size=3)`, shortened, in Python's form as in logs.
    ///
    /// @param isOpen whether the value of what comes before is the first
    static String arguments(
            boolean isOpen,
            List<? extends @Nullable Object> args,
            Map<String, ? extends @Nullable Object> kwargs) {
        var words = new ArrayList<String>();
        if (isOpen) {
            words.add("…");
        }
        args.stream()
                .limit(ARGUMENTS_LIMIT)
                .forEach(value -> words.add(PythonRepr.of(value, ARGUMENT_LIMIT)));
        kwargs.entrySet().stream()
                .limit(ARGUMENTS_LIMIT)
                .forEach(entry ->
                        words.add(
                                entry.getKey()
                                        + "="
                                        + PythonRepr.of(entry.getValue(), ARGUMENT_LIMIT)));
        var text = new StringBuilder("(");
        var separator = "";
        for (var word : words) {
            if (text.length() + word.length() > ARGUMENTS_LIMIT) {
                return text.append(separator).append("...)").toString();
            }
            text.append(separator).append(word);
            separator = ", ";
        }
        return text.append(')').toString();
    }
}
