package dev.muster.queue.redis;

import dev.muster.testkit.CeleryBeatContract;

class RedisCeleryBeatTest extends CeleryBeatContract {
    private final Redis database = Redis.database();

    @Override
    protected String brokerUrl() {
        return database.url();
    }
}
