package dev.muster.queue.redis;

import dev.muster.testkit.BroadcastContract;
import dev.muster.testkit.Servers;

class RedisBroadcastTest extends BroadcastContract {
    @Override
    protected String url() {
        return Servers.redis().url(806);
    }

    /// The channel of a fanout exchange takes messages whether or not somebody listens.
    @Override
    protected boolean noticesThatNobodyListens() {
        return false;
    }
}
