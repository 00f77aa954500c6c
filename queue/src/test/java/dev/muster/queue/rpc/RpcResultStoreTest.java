package dev.muster.queue.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RpcResultStoreTest {
    private final Broker broker =
            new MemoryBrokerProvider()
                    .open(
                            ServiceUrl.parse("memory:" + UUID.randomUUID()),
                            Environment.of(Settings.DEFAULT));
    private final ResultStore client = open(Settings.DEFAULT);
    private final ResultStore worker = open(Settings.DEFAULT);

    private ResultStore open(Settings settings) {
        return new RpcResultStoreProvider()
                .open(ServiceUrl.parse("rpc://"), Environment.of(settings), broker);
    }

    @AfterEach
    void close() {
        client.close();
        worker.close();
        broker.close();
    }

    private static ResultRecord record(String id, State state, @Nullable Object result) {
        return new ResultRecord(
                id, state, result, null, Instant.parse("2026-01-02T03:04:05Z"), Map.of());
    }

    private String address() {
        return client.replyAddress().orElseThrow();
    }

    @Test
    void completesTheWaitWithTheReadyRecordAndNotBefore() throws Exception {
        var waiting = client.await("t1");

        worker.store(record("t1", State.STARTED, Map.of("pid", 1)), address());
        Awaitility.await().until(() -> client.fetch("t1").isPresent());
        assertThat(waiting).isNotDone();
        worker.store(record("t1", State.SUCCESS, 42L), address());

        var record = waiting.get(30, TimeUnit.SECONDS);
        assertThat(record.result()).isEqualTo(42L);
        assertThat(record.dateDone()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(client.fetch("t1")).contains(record);
    }

    @Test
    void keepsARecordThatCameBeforeTheWait() throws Exception {
        worker.store(record("t1", State.SUCCESS, "early"), address());
        Awaitility.await().until(() -> client.fetch("t1").isPresent());

        assertThat(client.await("t1").get(30, TimeUnit.SECONDS).result()).isEqualTo("early");
    }

    @Test
    void letsNoLateRecordTakeAFinalOneBack() {
        worker.store(record("t1", State.SUCCESS, "first"), address());
        worker.store(record("t1", State.FAILURE, Map.of("exc_type", "X")), address());
        worker.store(record("t2", State.SUCCESS, "last"), address());

        Awaitility.await().until(() -> client.fetch("t2").isPresent());
        assertThat(client.fetch("t1").orElseThrow().result()).isEqualTo("first");
    }

    @Test
    void sendsNothingWithoutAReplyAddressAndMissesNoReaderThatIsGone() {
        assertThatCode(
                        () -> {
                            worker.store(record("t1", State.SUCCESS, 1L), null);
                            worker.store(record("t1", State.SUCCESS, 1L), "");
                            worker.store(record("t1", State.SUCCESS, 1L), "gone");
                        })
                .doesNotThrowAnyException();
        assertThat(client.fetch("t1")).isEmpty();
    }

    @Test
    void writesTheMessageThatCeleryReads() {
        var queue = Queue.named("observed");
        broker.declare(queue);
        try (var consumer = broker.consume(List.of(queue), 1)) {
            worker.store(record("t1", State.SUCCESS, 1L), queue.name());

            var delivery = consumer.take(1, Duration.ofSeconds(30)).getFirst();
            var message = delivery.message();
            assertThat(message.contentType()).isEqualTo("application/json");
            assertThat(message.contentEncoding()).isEqualTo("utf-8");
            assertThat(message.properties())
                    .isEqualTo(new Message.Properties("t1", null, false, 0, null));
            assertThat(new String(message.body(), UTF_8))
                    .contains("\"task_id\": \"t1\"")
                    .contains("\"status\": \"SUCCESS\"")
                    .contains("\"result\": 1")
                    .contains("\"traceback\": null")
                    .contains("\"children\": []");
            delivery.ack();
        }
    }

    @Test
    void sendsPersistentMessagesWhenTheSettingSaysSo() {
        var queue = Queue.named("observed");
        broker.declare(queue);
        try (var store = open(Settings.DEFAULT.with("result_persistent", true));
                var consumer = broker.consume(List.of(queue), 1)) {
            store.store(record("t1", State.SUCCESS, 1L), queue.name());
            store.store(record("t1", State.SUCCESS, 1L), "gone");

            var delivery = consumer.take(1, Duration.ofSeconds(30)).getFirst();
            assertThat(delivery.message().properties().persistent()).isTrue();
            delivery.ack();
        }
    }

    @Test
    void readsOnAfterAMessageThatIsNoResult() {
        var garbage =
                new Message(
                        "no json".getBytes(UTF_8),
                        "application/json",
                        "utf-8",
                        Map.of(),
                        Message.Properties.DEFAULT);
        broker.publish(List.of(new Publication("", address(), garbage)));
        worker.store(record("t1", State.SUCCESS, 1L), address());

        Awaitility.await().until(() -> client.fetch("t1").isPresent());
    }

    @Test
    void keepsTheNewestRecordsOnly() {
        for (var number = 0; number < 8_200; number++) {
            worker.store(record("t" + number, State.SUCCESS, 1L), address());
        }

        Awaitility.await().until(() -> client.fetch("t8199").isPresent());
        assertThat(client.fetch("t7")).isEmpty();
        assertThat(client.fetch("t8")).isPresent();
    }

    @Test
    void forgets() {
        worker.store(record("t1", State.SUCCESS, 1L), address());
        Awaitility.await().until(() -> client.fetch("t1").isPresent());

        client.forget("t1");

        assertThat(client.fetch("t1")).isEmpty();
    }

    @Test
    void endsAllWaitsWhenClosed() {
        var waiting = client.await("t1");
        address();

        client.close();

        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ResultStoreException.class);
        assertThat(client.await("t2")).isCompletedExceptionally();
        assertThatThrownBy(client::replyAddress).isInstanceOf(ResultStoreException.class);
    }

    @Test
    void leavesOtherWaitsAloneWhenOneIsCancelled() throws Exception {
        var cancelled = client.await("t1");
        var waiting = client.await("t1");
        cancelled.cancel(true);

        worker.store(record("t1", State.SUCCESS, 1L), address());

        assertThat(waiting.get(30, TimeUnit.SECONDS).result()).isEqualTo(1L);
    }
}
