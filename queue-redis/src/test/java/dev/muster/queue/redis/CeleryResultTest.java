package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import dev.muster.testkit.Python;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Results between Java and Celery's own backend (Debian's, 5.2.6).
@Timeout(120)
class CeleryResultTest {
    private static final String APP =
            """
            import sys
            from celery import Celery
            app = Celery(broker=sys.argv[1], backend=sys.argv[1])
            """;

    private final Redis redis = Redis.database();

    @Test
    void celeryIsWokenByWhatWeStore() throws Exception {
        try (var store = Redis.store(redis.url(), Settings.DEFAULT);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var python =
                    threads.submit(() ->
                            Python.program(APP + "print(app.AsyncResult('id').get(timeout=60))")
                                    .withArguments(redis.url())
                                    .run());
            // Celery subscribes before it reads; channels are common to all databases.
            Awaitility.await()
                    .atMost(Redis.PATIENCE)
                    .until(() ->
                            "celery-task-meta-id"
                                    .equals(redis.command("PUBSUB", "CHANNELS", "*-id")));

            store.store(
                    new ResultRecord(
                            "id", State.SUCCESS, List.of(1, "ä"), null, Instant.now(), Map.of()),
                    null);

            assertThat(python.get(60, TimeUnit.SECONDS)).containsExactly("[1, 'ä']");
        }
    }

    @Test
    void weAreWokenByWhatCeleryStores() throws Exception {
        try (var store = Redis.store(redis.url(), Settings.DEFAULT)) {
            var future = store.await("id");

            Python.program(APP + "app.backend.mark_as_done('id', {'a': [1, None]})")
                    .withArguments(redis.url())
                    .run();

            var record = future.get(60, TimeUnit.SECONDS);
            assertThat(record.state()).isEqualTo(State.SUCCESS);
            assertThat(record.result()).hasToString("{a=[1, null]}");
        }
    }

    @Test
    void celeryDoesNotOverwriteOurSuccessNorWeItsOwn() {
        var failure = Map.of("exc_type", "E", "exc_message", "", "exc_module", "m");
        try (var store = Redis.store(redis.url(), Settings.DEFAULT)) {
            store.store(new ResultRecord("ours", State.SUCCESS, 1, null, null, Map.of()), null);
            Python.program(
                            APP
                                    + "app.backend.mark_as_done('theirs', 2)\n"
                                    + "app.backend.mark_as_failure('ours', ValueError('late'))\n")
                    .withArguments(redis.url())
                    .run();
            store.store(
                    new ResultRecord("theirs", State.FAILURE, failure, null, null, Map.of()), null);

            assertThat(store.fetch("ours")).map(ResultRecord::result).hasValue(1L);
            assertThat(store.fetch("theirs")).map(ResultRecord::result).hasValue(2L);
        }
    }
}
