/// Several machines: a server that runs calls in child processes of its own, and a pool that
/// spreads its calls over local processes and such servers.
///
/// Start at [ClusterPool], the client's side, and [PoolServer]. Inside, a [Dispatcher] decides
/// which [Place] gets a call; [ServerPlace] and [Session] are the two sides of a connection, on
/// which [Message]s pass; [SlotShare] decides at a server whose call is next; [CodeCache] keeps the
/// class paths of clients.
@NullMarked
package dev.muster.parallel.cluster;

import org.jspecify.annotations.NullMarked;
