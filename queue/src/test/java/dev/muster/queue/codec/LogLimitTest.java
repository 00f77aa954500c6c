package dev.muster.queue.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogLimitTest {
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private final LogLimit limit = new LogLimit(nanoTime::get);

    @Test
    void writesAFewLinesEachMinuteAndThenHowManyWereLeftOut() {
        for (var line = 0; line < 10; line++) {
            assertThat(limit.next()).hasValue("");
        }
        nanoTime.addAndGet(Duration.ofSeconds(60).toNanos() - 1);
        for (var line = 0; line < 1_000; line++) {
            assertThat(limit.next()).isEmpty();
        }

        nanoTime.addAndGet(1);
        assertThat(limit.next()).hasValue(" (1000 more of this kind were not logged)");
        assertThat(limit.next()).hasValue("");
    }
}
