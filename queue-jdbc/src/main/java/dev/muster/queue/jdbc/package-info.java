/// Queues and results in a database: an embedded SQLite file (`sqlite:PATH`), shared by the
/// processes of one machine, and PostgreSQL (`postgresql://user:password@host/database`).
///
/// Start at [dev.muster.queue.jdbc.JdbcBroker] and [dev.muster.queue.jdbc.JdbcResultStore]: both
/// are written once. What the two databases do differently is behind `Dialect`; how the processes
/// that share a database wake each other is behind `Wakeups`. Users name a URL and never a class of
/// this package.
@NullMarked
package dev.muster.queue.jdbc;

import org.jspecify.annotations.NullMarked;
