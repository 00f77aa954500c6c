package dev.muster.queue.jdbc;

import dev.muster.queue.spi.RateStore;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/// Rates in a database: a row each, which says when the next start is free, in microseconds since
/// 1970.
final class JdbcRates implements RateStore {
    private static final String RESERVE =
            """
            INSERT INTO muster_rate (rate_key, next_at) VALUES (:rate_key, :now * 1000 + :span)
            ON CONFLICT (rate_key) DO UPDATE
            SET next_at = :span + CASE
              WHEN muster_rate.next_at > :now * 1000 THEN muster_rate.next_at
              ELSE :now * 1000 END
            RETURNING next_at - :span - :now * 1000
            """;

    private final Session writing;

    JdbcRates(Session writing) {
        this.writing = writing;
    }

    @Override
    public Duration reserve(String key, Duration interval, int count) {
        var span = interval.multipliedBy(count).dividedBy(ChronoUnit.MICROS.getDuration());
        var micros =
                writing.write(transaction ->
                        transaction.query(RESERVE).set("rate_key", key).set("span", span).number());
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
