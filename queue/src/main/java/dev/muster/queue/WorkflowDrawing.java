package dev.muster.queue;

import dev.muster.queue.Drawing.Ends;
import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.graph.WorkflowGraph.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Draws a workflow that was not sent.
///
/// Callbacks of a chain, a group or a chord are drawn where the [Unroller] puts them: error
/// callbacks of a chain and of a group at each of their parts, all others at the last. An error
/// callback that is given to several calls is drawn once.
final class WorkflowDrawing {
    private final Drawing drawing = new Drawing();
    private final Map<Workflow<?>, Ends> errbacks = new HashMap<>();

    private WorkflowDrawing() {}

    static WorkflowGraph of(Workflow<?> workflow) {
        var drawing = new WorkflowDrawing();
        drawing.draw(workflow, false);
        return drawing.drawing.toGraph();
    }

    /// @param receives whether something comes before it
    private Ends draw(Workflow<?> workflow, boolean receives) {
        var ends =
                switch (workflow) {
                    case Signature<?> call -> drawCall(call, receives);
                    case Chain<?> chain -> drawChain(chain, receives);
                    case Group<?> group ->
                            Ends.sideBySide(
                                    group.members().stream()
                                            .map(member ->
                                                    draw(withErrbacksOf(group, member), receives))
                                            .toList());
                    case Chord<?> chord ->
                            drawing.sequence(
                                    draw(chord.header(), receives),
                                    draw(
                                            withLinksOf(chord, withErrbacksOf(chord, chord.body())),
                                            true));
                };
        // In a signature that is on its way stand the next steps of its chain, the nearest last.
        for (var next : links(workflow, Option.CHAIN).reversed()) {
            ends = drawing.sequence(ends, draw(next, true));
        }
        return ends;
    }

    private Ends drawChain(Chain<?> chain, boolean receives) {
        var ends = Ends.NOTHING;
        var steps = chain.steps();
        for (var index = 0; index < steps.size(); index++) {
            var step = withErrbacksOf(chain, steps.get(index));
            if (index == steps.size() - 1) {
                step = withLinksOf(chain, step);
            }
            ends = drawing.sequence(ends, draw(step, receives || index > 0));
        }
        return ends;
    }

    private Ends drawCall(Signature<?> call, boolean receives) {
        var node =
                call.kwargs().get("task") instanceof Map<?, ?> mapped
                                && mapped.get("task") instanceof String name
                                && call.kwargs().get("it") instanceof List<?> items
                        ? drawing.call(name, "for each of " + items.size(), null, null)
                        : drawing.call(
                                call.task(),
                                Drawing.arguments(
                                        receives && !call.isImmutable(),
                                        call.args(),
                                        call.kwargs()),
                                null,
                                null);
        for (var callback : links(call, Option.LINK)) {
            drawing.connect(List.of(node), draw(callback, true).first(), Kind.LINK);
        }
        for (var errback : links(call, Option.LINK_ERROR)) {
            var ends = errbacks.get(errback);
            if (ends == null) {
                ends = draw(errback, true);
                errbacks.put(errback, ends);
            }
            drawing.connect(List.of(node), ends.first(), Kind.ERROR);
        }
        return new Ends(List.of(node), List.of(node));
    }

    private static Workflow<?> withErrbacksOf(Workflow<?> whole, Workflow<?> part) {
        for (var errback : links(whole, Option.LINK_ERROR)) {
            part = part.onError(errback);
        }
        return part;
    }

    private static Workflow<?> withLinksOf(Workflow<?> whole, Workflow<?> last) {
        if (last instanceof Group) {
            return last; // it ends with no single task
        }
        for (var callback : links(whole, Option.LINK)) {
            last = last.link(callback);
        }
        return last;
    }

    private static List<Workflow<?>> links(Workflow<?> workflow, Option<Links> option) {
        return workflow.option(option).map(Links::workflows).orElse(List.of());
    }
}
