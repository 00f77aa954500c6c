package dev.muster.queue.redis;

import dev.muster.testkit.Servers;
import dev.muster.testkit.SharedRateContract;

class RedisSharedRateTest extends SharedRateContract {
    @Override
    protected String url() {
        return Servers.redis().url(805);
    }
}
