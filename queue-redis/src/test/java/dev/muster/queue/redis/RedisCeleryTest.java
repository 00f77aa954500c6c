package dev.muster.queue.redis;

import dev.muster.testkit.CeleryContract;
import dev.muster.testkit.Servers;
import java.util.List;

class RedisCeleryTest extends CeleryContract {
    private static final int DATABASE = 801;

    @Override
    protected String brokerUrl() {
        return Servers.redis().url(DATABASE);
    }

    @Override
    protected String resultBackend() {
        return Servers.redis().url(DATABASE);
    }

    @Override
    protected List<Integer> prioritiesByUrgency() {
        return List.of(0, 3, 6, 9);
    }
}
