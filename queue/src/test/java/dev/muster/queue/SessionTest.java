package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTest {
    private final Prefetched consumer = new Prefetched();

    @Test
    void keptMessagesRaiseThePrefetchLimitUpToTheirOwn() {
        var session = new Session(consumer, 4, 2, InstantSource.system());

        for (var count = 0; count < 3; count++) {
            session.keep(Instant.now().plusSeconds(3600), () -> {}, () -> {});
        }
        session.end();

        assertThat(consumer.counts).containsExactly(5, 6, 6);
    }

    private static final class Prefetched implements Consumer {
        private final List<Integer> counts = new ArrayList<>();

        @Override
        public List<Delivery> take(int max, Duration timeout) {
            return List.of();
        }

        @Override
        public void prefetch(int count) {
            counts.add(count);
        }

        @Override
        public void cancel() {}

        @Override
        public void close() {}
    }
}
