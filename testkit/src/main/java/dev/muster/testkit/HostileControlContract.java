package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.events.ClusterState;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.BrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What more than a thousand kinds of hostile commands, and as many of hostile events, must do over
/// a broker: nothing. Extend it, and name a server that no other test uses.
@Timeout(300)
public abstract class HostileControlContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BATCH = 100;

    /// What the seed of a run was is told by a failure.
    private final long seed = Long.getLong("seeded.seed", System.nanoTime());

    private final String queue = "hostile-" + UUID.randomUUID();
    private final String name =
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-%s@here".formatted(UUID.randomUUID());
    private Muster muster;
    private Worker worker;
    private Broker broker;

    /// Broker and result store.
    protected abstract Map<String, Object> settings();

    /// Sends bytes that are no message at all to where commands, or events, are heard; nothing, if
    /// the transport has no such way.
    ///
    /// @param exchange `celery.pidbox` or `celeryev`
    protected void sendRaw(String exchange, byte[] bytes) {}

    static final class Tasks {
        private Tasks() {}

        @Task(name = "hostile.quick", rateLimit = "1000/s")
        static int quick(int number) {
            return number;
        }
    }

    @BeforeEach
    final void start() {
        var settings = Settings.DEFAULT.withAll(settings());
        muster = Muster.builder().settings(settings).tasks(Tasks.class).build();
        worker = muster.worker().hostname(name).queues(queue).concurrency(2).start();
        assertThat(worker.awaitReady(PATIENCE)).isTrue();
        var url = ServiceUrl.parse(String.valueOf(settings().get("broker_url")));
        broker =
                ServiceLoader.load(BrokerProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(provider -> provider.schemes().contains(url.scheme()))
                        .findAny()
                        .orElseThrow()
                        .open(url, Environment.of(settings));
    }

    @AfterEach
    final void stop() {
        worker.close();
        broker.close();
        muster.close();
    }

    private Object ask(String method) {
        var answers = muster.control().to(name).within(PATIENCE).ask(method);
        assertThat(answers).as("answers to %s, -Dseeded.seed=%d", method, seed).containsKey(name);
        return Objects.requireNonNull(answers.get(name));
    }

    /// All that a command could change.
    private Map<String, @Nullable Object> state() {
        var state = new LinkedHashMap<String, @Nullable Object>();
        for (var method : List.of("registered", "active_queues", "revoked", "active", "conf")) {
            state.put(method, ask(method));
        }
        var stats = (Map<?, ?>) ask("stats");
        state.put("pool", stats.get("pool"));
        state.put("prefetch", stats.get("prefetch_count"));
        return state;
    }

    private void runsTasks(int number) {
        assertThat(muster.send(call("hostile.quick", number).queue(queue)).get(PATIENCE))
                .isEqualTo((long) number);
    }

    private void publish(String exchange, String routingKey, Message message) {
        try {
            broker.publish(List.of(new Publication(exchange, routingKey, message)));
        } catch (BrokerException e) {
            if (e.isTransient()) {
                throw e;
            }
            // The transport cannot carry it: it harms nobody.
        }
    }

    private static long clock(Object answer) {
        return ((Number) Objects.requireNonNull(((Map<?, ?>) answer).get("clock"))).longValue();
    }

    @Test
    void hostileCommandsChangeNothing() {
        var before = state();
        var clock = clock(ask("clock"));
        var commands = new HostileCommands(seed, name).commands();
        assertThat(commands).hasSizeGreaterThan(1_000);
        var threads = Thread.getAllStackTraces().size();

        for (var start = 0; start < commands.size(); start += BATCH) {
            for (var command : commands.subList(start, Math.min(commands.size(), start + BATCH))) {
                publish("celery.pidbox", "", command);
            }
            sendRaw("celery.pidbox", commands.get(start).body());
            assertThat(ask("ping")).isEqualTo(Map.of("ok", "pong"));
            runsTasks(start);
            assertThat(state()).as("-Dseeded.seed=%d", seed).isEqualTo(before);
        }
        sendRaw("celery.pidbox", new byte[1_000_000]);
        assertThat(ask("ping")).isEqualTo(Map.of("ok", "pong"));

        assertThat(clock(ask("clock"))).isBetween(clock, clock + 1_000_000);
        assertThat(muster.queueLength(queue)).isZero();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> Thread.getAllStackTraces().size() <= threads + 5);
    }

    @Test
    void hostileEventsStopNoMonitor() {
        var events = new HostileCommands(seed, name).events();
        assertThat(events).hasSizeGreaterThan(1_000);
        var state = new ClusterState();
        try (var receiver = muster.receiveEvents()) {
            for (var start = 0; start < events.size(); start += BATCH) {
                for (var event : events.subList(start, Math.min(events.size(), start + BATCH))) {
                    publish("celeryev", "task.multi", event);
                }
                sendRaw("celeryev", events.get(start).body());
                var mark = "mark-" + start;
                muster.control().to(name).tell("enable_events");
                var id =
                        muster.send(call("hostile.quick", start).queue(queue).id(mark + name)).id();
                Awaitility.await()
                        .alias("-Dseeded.seed=" + seed)
                        .atMost(PATIENCE)
                        .until(() -> {
                            receiver.take(Duration.ofMillis(100))
                                    .forEach(event -> state.add(event, Instant.now()));
                            return state.task(id)
                                    .filter(task -> task.state().equals("SUCCESS"))
                                    .isPresent();
                        });
            }
        }

        assertThat(state.ignored()).isPositive();
        assertThat(state.worker(name)).hasValueSatisfying(it -> assertThat(it.offline()).isFalse());
        assertThat(clock(ask("clock"))).isLessThan(1_000_000);
        assertThat(ask("ping")).isEqualTo(Map.of("ok", "pong"));
    }
}
