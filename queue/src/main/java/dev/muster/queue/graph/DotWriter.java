package dev.muster.queue.graph;

import dev.muster.queue.graph.WorkflowGraph.Call;
import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Joint;
import dev.muster.queue.graph.WorkflowGraph.Node;

/// Writes a graph in the language of Graphviz.
final class DotWriter {
    private final StringBuilder text = new StringBuilder();

    private DotWriter() {}

    static String write(WorkflowGraph graph) {
        var writer = new DotWriter();
        writer.text
                .append("digraph workflow {\n")
                .append("  rankdir=LR;\n")
                .append("  node [shape=box, style=\"rounded,filled\", fontname=monospace, ")
                .append("fontsize=11, color=\"%s\"];\n".formatted(Palette.INK))
                .append("  edge [color=\"%s\"];\n".formatted(Palette.INK));
        graph.nodes().forEach(writer::node);
        graph.edges().forEach(writer::edge);
        return writer.text.append("}\n").toString();
    }

    private void node(Node node) {
        text.append("  ").append(node.id());
        switch (node) {
            case Call call -> {
                text.append(" [label=\"");
                var separator = "";
                for (var line : call.lines()) {
                    text.append(separator).append(escaped(line));
                    separator = "\\n";
                }
                text.append("\", fillcolor=\"").append(Palette.fill(call.state())).append('"');
                if (call.taskId() != null) {
                    text.append(", tooltip=\"").append(escaped(call.taskId())).append('"');
                }
            }
            case Joint _ -> text.append(" [shape=point, label=\"\"");
        }
        text.append("];\n");
    }

    private void edge(Edge edge) {
        text.append("  ").append(edge.from()).append(" -> ").append(edge.to());
        text.append(
                switch (edge.kind()) {
                    case NEXT -> "";
                    case LINK -> " [style=dotted]";
                    case ERROR -> " [style=dashed, color=\"%s\"]".formatted(Palette.ERROR);
                });
        text.append(";\n");
    }

    /// Between double quotes a backslash begins an escape, and a line may not end.
    private static String escaped(String line) {
        return line.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
    }
}
