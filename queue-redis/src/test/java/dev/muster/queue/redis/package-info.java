/// Tests of the Redis broker and result store against real servers and real Python peers.
@NullMarked
package dev.muster.queue.redis;

import org.jspecify.annotations.NullMarked;
