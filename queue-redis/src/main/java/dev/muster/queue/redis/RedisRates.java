package dev.muster.queue.redis;

import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultStoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rates in Redis: a key each, `muster-rate-…`, which says when the next start is free.
final class RedisRates implements RateStore {
    private final String prefix;
    private final Function<Command, @Nullable Object> redis;

    /// @param prefix of the keys, separator included
    RedisRates(String prefix, Function<Command, @Nullable Object> redis) {
        this.prefix = prefix + "muster-rate-";
        this.redis = redis;
    }

    @Override
    public Duration reserve(String key, Duration interval, int count) {
        var span = interval.multipliedBy(count).dividedBy(ChronoUnit.MICROS.getDuration());
        var answer = redis.apply(Command.script(Script.RATE, List.of(prefix + key), List.of(span)));
        if (answer instanceof byte[] micros) {
            return Duration.of(
                    Long.parseLong(new String(micros, StandardCharsets.US_ASCII)),
                    ChronoUnit.MICROS);
        }
        throw new ResultStoreException("Redis does not say when the next start is free", null);
    }
}
