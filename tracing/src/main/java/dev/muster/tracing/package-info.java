/// Spans of tasks for OpenTelemetry, in traces that go on from process to process, Python's Celery
/// among them.
///
/// Start at [dev.muster.tracing.TaskTracing], which is given to an application as its hooks.
@NullMarked
package dev.muster.tracing;

import org.jspecify.annotations.NullMarked;
