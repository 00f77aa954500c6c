package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A chord ends as it should, and its body runs once, whatever happens at its seams: a worker is
/// killed, the broker is away when the body is to be sent, the result store when the members are to
/// be counted. Extend it once for each pair of servers.
@Timeout(300)
public abstract class ChordFaultsContract {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration ABSENCE = Duration.ofSeconds(10);
    private static final int MEMBERS = 4;
    private static final int LAST = MEMBERS - 1;
    private static final int SUM = LAST * MEMBERS / 2;

    private final String queue = "chord-faults-" + UUID.randomUUID();
    private @TempDir Path folder;

    /// The broker, and where results are kept, without a proxy in between; what a killed worker
    /// held should be given to others after few seconds.
    protected abstract Map<String, Object> settings();

    /// The server of the broker, which is stopped and started; for this class alone.
    protected abstract Server brokerServer();

    /// The server that keeps the results.
    protected abstract Server storeServer();

    private Map<String, Object> settings(boolean acksLate) {
        var all = new LinkedHashMap<>(settings());
        all.put("task_default_queue", queue);
        all.put("task_acks_late", acksLate);
        return all;
    }

    private static Muster open(Map<String, Object> settings) {
        return Muster.builder()
                .settings(Settings.DEFAULT.withAll(settings))
                .tasks(ChordFaultsTasks.class)
                .build();
    }

    private Result<Integer> send(Muster muster) {
        var members =
                IntStream.range(0, MEMBERS)
                        .mapToObj(n -> call(ChordFaultsTasks::member, n, folder.toString()));
        return muster.send(group(members).then(ChordFaultsTasks::body, folder.toString()));
    }

    private void hold(String name) throws IOException {
        Files.createFile(folder.resolve(name + "-held"));
    }

    private void release(String name) throws IOException {
        Files.delete(folder.resolve(name + "-held"));
    }

    private List<String> lines(String name) {
        try {
            var file = folder.resolve(name);
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(String name, int number) {
        Awaitility.await().atMost(PATIENCE).until(() -> lines(name).contains("" + number));
    }

    /// All members but the last have ended, and that runs.
    private void awaitLastMember() {
        Awaitility.await().atMost(PATIENCE).until(() -> lines("members-ended").size() == LAST);
        await("members", LAST);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBrokerThatIsAwayBetweenHeaderAndBodyDelaysTheChordOnly(boolean acksLate)
            throws Exception {
        try (var muster = open(settings(acksLate));
                var worker = muster.worker().concurrency(MEMBERS).start()) {
            hold("member-" + LAST);
            var result = send(muster);
            awaitLastMember();

            brokerServer().stop();
            release("member-" + LAST);
            await("members-ended", LAST);
            brokerServer().start();

            assertThat(result.get(PATIENCE)).isEqualTo(SUM);
            Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
            worker.stop();
            assertThat(worker.awaitStopped(PATIENCE)).isTrue();
            assertThat(lines("bodies")).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResultStoreThatIsAwayForTenSecondsDelaysTheChordOnly(boolean acksLate) throws Exception {
        var settings = settings(acksLate);
        try (var proxy = TcpProxy.before(storeServer());
                var timer = Executors.newScheduledThreadPool(1)) {
            settings.put(
                    "result_backend", proxy.url(String.valueOf(settings.get("result_backend"))));
            try (var muster = open(settings);
                    var worker = muster.worker().concurrency(MEMBERS).start()) {
                hold("member-" + LAST);
                var result = send(muster);
                awaitLastMember();

                proxy.disconnect();
                release("member-" + LAST);
                await("members-ended", LAST);
                var back = timer.schedule(proxy::accept, ABSENCE.toMillis(), TimeUnit.MILLISECONDS);
                assertThat(back.get(60, TimeUnit.SECONDS)).isNull();

                assertThat(result.get(PATIENCE)).isEqualTo(SUM);
                Awaitility.await().atMost(PATIENCE).until(() -> muster.queueLength(queue) == 0);
                worker.stop();
                assertThat(worker.awaitStopped(PATIENCE)).isTrue();
                assertThat(lines("bodies")).hasSize(1);
            }
        }
    }

    @Test
    void aWorkerThatIsKilledWithinAMemberLeavesTheChordToAnother() throws Exception {
        var options = WorkerProcess.Options.of(settings(true), ChordFaultsTasks.class, queue);
        try (var muster = open(settings(true));
                var first = WorkerProcess.start(options)) {
            hold("member-" + LAST);
            var result = send(muster);
            awaitLastMember();

            first.kill();
            release("member-" + LAST);

            try (var second = WorkerProcess.start(options)) {
                assertThat(result.get(PATIENCE)).isEqualTo(SUM);
                second.stop();
            }
            assertThat(lines("bodies")).hasSize(1);
        }
    }

    @Test
    void aWorkerThatIsKilledWithinTheBodyLeavesItToAnother() throws Exception {
        var options = WorkerProcess.Options.of(settings(true), ChordFaultsTasks.class, queue);
        try (var muster = open(settings(true));
                var first = WorkerProcess.start(options)) {
            hold("body");
            var result = send(muster);
            Awaitility.await().atMost(PATIENCE).until(() -> !lines("bodies").isEmpty());

            first.kill();
            release("body");

            try (var second = WorkerProcess.start(options)) {
                assertThat(result.get(PATIENCE)).isEqualTo(SUM);
                second.stop();
            }
            assertThat(lines("bodies-ended")).hasSize(1);
        }
    }
}
