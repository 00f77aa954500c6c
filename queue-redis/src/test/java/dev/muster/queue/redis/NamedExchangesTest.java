package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Python;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clusters that share a server, and keep apart by the names of their exchanges.
@Timeout(180)
class NamedExchangesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Map<String, String> NAMES =
            Map.of("control_exchange", "shop", "event_exchange", "shopev");

    /// Who answers, and what is heard of whom.
    private static final String ASK =
            """
            import sys
            from celery import Celery

            app = Celery(broker=sys.argv[1])
            app.conf.update(control_exchange='shop', event_exchange='shopev')
            for reply in app.control.ping(timeout=10, limit=1):
                print(*reply)
            with app.connection() as connection:
                def heard(event):
                    print(event['type'], event['hostname'])
                    receiver.should_stop = True
                receiver = app.events.Receiver(
                    connection, handlers={'worker-heartbeat': heard})
                receiver.capture(limit=None, timeout=60)
            """;

    private final Redis redis = Redis.database();

    private Muster app(Map<String, String> names) {
        return Muster.builder()
                .settings(Settings.DEFAULT.with("broker_url", redis.url()).withAll(names))
                .build();
    }

    @Test
    void celeryCommandsAndWatchesAWorkerByTheNamesThatBothAreGiven() {
        try (var muster = app(NAMES);
                var worker = muster.worker().hostname("shop@here").start()) {
            assertThat(worker.awaitReady(PATIENCE)).isTrue();

            assertThat(Python.program(ASK).withArguments(redis.url()).run())
                    .isEqualTo(List.of("shop@here", "worker-heartbeat shop@here"));
        }
    }

    @Test
    void otherNamesAreAnotherCluster() {
        try (var muster = app(NAMES);
                var other = app(Map.of());
                var worker = muster.worker().hostname("shop@here").start();
                var events = muster.receiveEvents()) {
            assertThat(worker.awaitReady(PATIENCE)).isTrue();

            assertThat(muster.control().to("shop@here").within(PATIENCE).ping()).hasSize(1);
            assertThat(other.control().ping()).isEmpty();
            assertThat(events.take(PATIENCE)).isNotEmpty();
        }
    }
}
