/// Meters of tasks and workers for Micrometer, and so for Prometheus and many others.
///
/// Start at [dev.muster.metrics.TaskMetrics], which is given to an application as its hooks.
@NullMarked
package dev.muster.metrics;

import org.jspecify.annotations.NullMarked;
