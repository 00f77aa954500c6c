package dev.muster.queue.graph;

import dev.muster.queue.graph.WorkflowGraph.Call;
import dev.muster.queue.graph.WorkflowGraph.Edge;
import dev.muster.queue.graph.WorkflowGraph.Joint;
import dev.muster.queue.graph.WorkflowGraph.Kind;
import dev.muster.queue.graph.WorkflowGraph.Node;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Draws a graph as SVG: a rounded box for each task, a curve for each edge.
final class SvgWriter {
    private static final int LINE_HEIGHT = 16;
    private static final int PADDING = 10;
    private static final int JOINT = 8;

    /// Of a letter of a monospaced font of 12 pixels.
    private static final double LETTER_WIDTH = 7.25;

    private final Layout layout;
    private final Set<String> joints;
    private final StringBuilder text = new StringBuilder();

    private SvgWriter(WorkflowGraph graph) {
        this.layout = Layout.of(graph, SvgWriter::size);
        this.joints =
                graph.nodes().stream()
                        .filter(Joint.class::isInstance)
                        .map(Node::id)
                        .collect(Collectors.toSet());
    }

    static String write(WorkflowGraph graph) {
        var writer = new SvgWriter(graph);
        writer.begin();
        graph.edges().forEach(writer::edge);
        graph.nodes().forEach(writer::node);
        return writer.text.append("</svg>\n").toString();
    }

    private static Layout.Size size(Node node) {
        return switch (node) {
            case Call call -> {
                var letters =
                        call.lines().stream()
                                .mapToInt(line -> line.codePointCount(0, line.length()))
                                .max()
                                .orElse(0);
                yield new Layout.Size(
                        Math.ceil(letters * LETTER_WIDTH) + 2 * PADDING,
                        call.lines().size() * LINE_HEIGHT + PADDING);
            }
            case Joint _ -> new Layout.Size(JOINT, JOINT);
        };
    }

    private void begin() {
        var width = Math.round(layout.width());
        var height = Math.round(layout.height());
        text.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"\
                 font-family="ui-monospace, monospace" font-size="12">
                <defs>
                """
                        .formatted(width, height, width, height));
        marker("arrow", Palette.INK);
        marker("error", Palette.ERROR);
        text.append("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    }

    private void marker(String id, String colour) {
        text.append(
                """
                <marker id="%s" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8"\
                 orient="auto"><path d="M0 0L8 4L0 8z" fill="%s"/></marker>
                """
                        .formatted(id, colour));
    }

    private void edge(Edge edge) {
        var points = layout.route(edge);
        if (points.isEmpty()) {
            return;
        }
        var isError = edge.kind() == Kind.ERROR;
        text.append("<path fill=\"none\" stroke=\"")
                .append(isError ? Palette.ERROR : Palette.INK)
                .append(
                        switch (edge.kind()) {
                            case NEXT -> "\"";
                            case LINK -> "\" stroke-dasharray=\"2 4\"";
                            case ERROR -> "\" stroke-dasharray=\"7 4\"";
                        });
        // Lines that only meet in a joint go on from there.
        if (!joints.contains(edge.to())) {
            text.append(" marker-end=\"url(#").append(isError ? "error" : "arrow").append(")\"");
        }
        text.append(" d=\"");
        curve(points);
        text.append("\"/>\n");
    }

    /// Points come in pairs: where the curve leaves a layer, and where it reaches the next one.
    /// Within a layer it is straight.
    private void curve(List<Layout.Point> points) {
        text.append('M').append(shown(points.getFirst()));
        for (var index = 1; index < points.size(); index++) {
            var from = points.get(index - 1);
            var to = points.get(index);
            if (index % 2 == 0) {
                text.append('L').append(shown(to));
            } else {
                var middle = (from.x() + to.x()) / 2;
                text.append('C')
                        .append(shown(new Layout.Point(middle, from.y())))
                        .append(' ')
                        .append(shown(new Layout.Point(middle, to.y())))
                        .append(' ')
                        .append(shown(to));
            }
        }
    }

    private static String shown(Layout.Point point) {
        return Math.round(point.x()) + " " + Math.round(point.y());
    }

    private void node(Node node) {
        var box = layout.box(node.id());
        switch (node) {
            case Joint _ ->
                    text.append(
                            "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\"/>\n"
                                    .formatted(
                                            Math.round(box.x() + box.width() / 2),
                                            Math.round(box.y() + box.height() / 2),
                                            JOINT / 2,
                                            Palette.INK));
            case Call call -> call(call, box);
        }
    }

    private void call(Call call, Layout.Box box) {
        text.append("<g>");
        if (call.taskId() != null) {
            text.append("<title>").append(escaped(call.taskId())).append("</title>");
        }
        text.append(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\"/>"
                        .formatted(
                                Math.round(box.x()),
                                Math.round(box.y()),
                                Math.round(box.width()),
                                Math.round(box.height()),
                                Palette.fill(call.state()),
                                Palette.INK));
        var baseline = box.y() + PADDING / 2.0 + 12;
        for (var line : call.lines()) {
            text.append(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                            .formatted(
                                    Math.round(box.x() + box.width() / 2),
                                    Math.round(baseline),
                                    escaped(line)));
            baseline += LINE_HEIGHT;
        }
        text.append("</g>\n");
    }

    /// XML has no way to write control characters, nor halves of surrogate pairs.
    private static String escaped(String line) {
        return line.replaceAll("[\\p{Cntrl}\\p{Cs}\\uFFFE\\uFFFF]", "\uFFFD")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }
}
