/// Results that travel back to the sender as messages: the store of the scheme `rpc`.
///
/// It works over any broker. Start at `RpcResultStore`.
@NullMarked
package dev.muster.queue.rpc;

import org.jspecify.annotations.NullMarked;
