package dev.muster.queue;

import dev.muster.queue.Drawing.Ends;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.graph.WorkflowGraph.Kind;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Draws a workflow that was sent, from what the result store knows of it: the tree of results that
/// was saved, the record of each task, which names the results of what the task has sent, and the
/// task that has sent it.
///
/// The body of a chord is not among what the tasks of its header have sent, as their results are
/// stored before they are counted. It is found from below: its record names the task of the header
/// that ended last.
final class ResultDrawing {
    private static final int SHOWN_OF_ID = 8;

    private final ResultStore store;
    private final Drawing drawing = new Drawing();
    private final Map<String, ResultRecord> records = new HashMap<>();
    private final Map<String, String> nodes = new LinkedHashMap<>();
    private final Map<String, List<String>> endsOfGroups = new HashMap<>();
    private final Deque<String> toExpand = new ArrayDeque<>();

    private ResultDrawing(ResultStore store) {
        this.store = store;
    }

    /// @return empty when the store knows nothing of this id
    static Optional<WorkflowGraph> of(String id, ResultStore store) {
        var drawing = new ResultDrawing(store);
        var saved = store.groups().flatMap(groups -> saved(groups, id));
        if (saved.isPresent()) {
            drawing.draw(saved.get());
            drawing.expand();
        } else if (store.fetch(id).isEmpty()) {
            return Optional.empty();
        } else {
            drawing.drawFromTheTop(id);
        }
        return Optional.of(drawing.drawing.toGraph());
    }

    private static Optional<ResultTree> saved(GroupStore groups, String id) {
        return groups.fetch(id).map(ResultTree::ofTuple);
    }

    private void drawFromTheTop(String id) {
        var path = new ArrayList<String>();
        for (var next = id; next != null && !path.contains(next); next = parentOf(next)) {
            path.add(next);
        }
        for (var each : path.reversed()) {
            if (!nodes.containsKey(each)) {
                var node = node(each);
                var parent = parentOf(each);
                if (parent != null && nodes.containsKey(parent)) {
                    connectToParent(parent, node);
                }
            }
            expand();
        }
    }

    /// What is no result of the parent's own is the body of the chord for which that counted, or
    /// was called because it failed.
    private void connectToParent(String parent, String node) {
        var record = record(parent);
        var group = record.others().get("group_id");
        var header =
                group instanceof String name
                        ? endsOfGroups.getOrDefault(name, List.of())
                        : List.<String>of();
        var from = header.isEmpty() ? List.of(node(parent)) : header;
        var isError = record.state().equals(State.FAILURE);
        drawing.connect(
                isError ? List.of(node(parent)) : from,
                List.of(node),
                isError ? Kind.ERROR : Kind.NEXT);
    }

    private ResultRecord record(String id) {
        var known = records.get(id);
        if (known == null) {
            known = store.fetch(id).orElseGet(() -> ResultRecord.pending(id));
            records.put(id, known);
        }
        return known;
    }

    private @Nullable String parentOf(String id) {
        return record(id).others().get("parent_id") instanceof String parent ? parent : null;
    }

    private Ends draw(ResultTree tree) {
        var parent = tree.parent();
        var before = parent == null ? Ends.NOTHING : draw(parent);
        var own =
                switch (tree) {
                    case ResultTree.One one -> {
                        var node = List.of(node(one.id()));
                        yield new Ends(node, node);
                    }
                    case ResultTree.Many many -> {
                        var members =
                                Ends.sideBySide(many.members().stream().map(this::draw).toList());
                        endsOfGroups.put(many.id(), members.last());
                        yield members;
                    }
                };
        return drawing.sequence(before, own);
    }

    private String node(String id) {
        var known = nodes.get(id);
        if (known != null) {
            return known;
        }
        var record = record(id);
        var name = record.others().get("name") instanceof String text ? text : null;
        var title = name == null ? shortened(id) : name;
        var node = drawing.call(title, arguments(record), id, record.state());
        nodes.put(id, node);
        toExpand.add(id);
        return node;
    }

    private static String shortened(String id) {
        return id.codePointCount(0, id.length()) <= SHOWN_OF_ID
                ? id
                : id.substring(0, id.offsetByCodePoints(0, SHOWN_OF_ID)) + "…";
    }

    private static String arguments(ResultRecord record) {
        if (!(record.others().get("args") instanceof List<?> args)) {
            return "";
        }
        var kwargs = new LinkedHashMap<String, @Nullable Object>();
        if (record.others().get("kwargs") instanceof Map<?, ?> map) {
            map.forEach((name, value) -> kwargs.put(String.valueOf(name), value));
        }
        return Drawing.arguments(false, args, kwargs);
    }

    /// Draws what the tasks have sent, and what those have sent.
    private void expand() {
        while (!toExpand.isEmpty()) {
            var id = toExpand.remove();
            if (record(id).others().get("children") instanceof List<?> children) {
                for (var child : children) {
                    expand(id, child);
                }
            }
        }
    }

    private void expand(String id, @Nullable Object child) {
        ResultTree tree;
        try {
            tree = ResultTree.ofTuple(child);
        } catch (DecodeException _) {
            return; // written by something else than a worker; the rest can be drawn
        }
        drawing.connect(List.of(node(id)), draw(tree).first(), Kind.NEXT);
    }
}
