/// Workflows as pictures: which tasks there are, and what leads from one to another.
///
/// Start at [WorkflowGraph], which [dev.muster.queue.Workflow#graph()] and
/// [dev.muster.queue.Muster#graph(String)] make. It is written as DOT, the language of Graphviz, as
/// SVG by a small layered layout, or as plain data.
@NullMarked
package dev.muster.queue.graph;

import org.jspecify.annotations.NullMarked;
