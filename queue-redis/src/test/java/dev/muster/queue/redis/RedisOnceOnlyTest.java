package dev.muster.queue.redis;

import dev.muster.testkit.OnceOnlyContract;
import dev.muster.testkit.Servers;

class RedisOnceOnlyTest extends OnceOnlyContract {
    @Override
    protected String url() {
        return Servers.redis().url(804);
    }
}
