package dev.muster.queue.redis;

import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.ResultStoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Claims in Redis: a key each, `muster-claim-…`, which holds its owner and expires by itself.
final class RedisClaims implements ClaimStore {
    private final String prefix;
    private final Function<Command, @Nullable Object> redis;

    /// @param prefix of the keys, separator included
    RedisClaims(String prefix, Function<Command, @Nullable Object> redis) {
        this.prefix = prefix + "muster-claim-";
        this.redis = redis;
    }

    @Override
    public String claim(String key, String owner, Duration lifetime) {
        var arguments = List.of(owner, Math.max(1, lifetime.toMillis()));
        var answer = redis.apply(Command.script(Script.CLAIM, List.of(prefix + key), arguments));
        if (answer instanceof byte[] text) {
            return new String(text, StandardCharsets.UTF_8);
        }
        throw new ResultStoreException("Redis does not say who has claimed " + key, null);
    }

    @Override
    public void release(String key, String owner) {
        var _ = redis.apply(Command.script(Script.UNLOCK, List.of(prefix + key), List.of(owner)));
    }
}
