package dev.muster.queue.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.testkit.HostileControlContract;
import dev.muster.testkit.Servers;
import java.net.URI;
import java.util.Map;
import redis.clients.jedis.Jedis;

class RedisHostileControlTest extends HostileControlContract {
    private static final int DATABASE = 815;

    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.redis().url(DATABASE));
    }

    @Override
    protected void sendRaw(String exchange, byte[] bytes) {
        try (var redis = new Jedis(URI.create(Servers.redis().url(DATABASE)))) {
            var suffix = exchange.equals("celeryev") ? "/task.multi" : "";
            redis.publish("/%d.%s%s".formatted(DATABASE, exchange, suffix).getBytes(UTF_8), bytes);
        }
    }
}
