package dev.muster.tracing;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.Workflow;
import dev.muster.queue.spi.Settings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whether a trace goes on from Java to Java, over a broker.
@Timeout(120)
abstract class TracingContract {
    private final String queue = "tracing-" + UUID.randomUUID();
    private final Traced client = Traced.process();
    private final Traced server = Traced.process();
    private Muster sender;
    private Muster receiver;
    private Worker worker;

    /// Broker and result store.
    abstract Map<String, Object> settings();

    /// Whether two applications meet there.
    boolean isShared() {
        return true;
    }

    static final class Tasks {
        @Task(name = "t.add")
        static int add(int x, int y) {
            return x + y;
        }

        @Task(name = "t.sum")
        static int sum(List<Integer> values) {
            return values.stream().mapToInt(Integer::intValue).sum();
        }

        @Task(name = "t.flaky")
        static int flaky(TaskContext task) {
            if (task.retries() == 0) {
                throw task.retry(Duration.ZERO, new IllegalStateException("not yet"));
            }
            return task.retries();
        }

        @Task(name = "t.broken")
        static int broken(boolean well) {
            if (!well) {
                throw new IllegalStateException("broken");
            }
            return 1;
        }

        @Task(name = "t.current")
        static String current() {
            return Span.current().getSpanContext().getSpanId();
        }
    }

    @BeforeEach
    void open() {
        // In memory there is one application, and so one telemetry.
        receiver = application(isShared() ? server : client);
        sender = isShared() ? application(client) : receiver;
        worker = receiver.worker().concurrency(2).start();
    }

    private Muster application(Traced process) {
        return Muster.builder()
                .settings(Settings.DEFAULT.withAll(settings()).with("task_default_queue", queue))
                .tasks(Tasks.class)
                .hooks(process.hooks())
                .build();
    }

    @AfterEach
    void close() {
        worker.close();
        receiver.close();
        sender.close();
    }

    private Traced runs() {
        return isShared() ? server : client;
    }

    /// Sends within a span of its own.
    private Object sendTraced(Workflow<?> workflow) {
        var span = client.tracer().spanBuilder("request").startSpan();
        try (var _ = span.makeCurrent()) {
            return sender.send(workflow).get(Traced.PATIENCE);
        } finally {
            span.end();
        }
    }

    private static void assertFollows(SpanData child, SpanData parent) {
        assertThat(child.getTraceId()).isEqualTo(parent.getTraceId());
        assertThat(child.getParentSpanId()).isEqualTo(parent.getSpanId());
    }

    private static String attribute(SpanData span, String name) {
        return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(name)));
    }

    @Test
    void aRunBelongsToItsSending() {
        assertThat(sendTraced(call("t.add", 2, 3).id("traced"))).isEqualTo(5L);

        var sending = client.span("apply_async/t.add");
        var run = runs().span("run/t.add");
        assertFollows(sending, client.span("request"));
        assertFollows(run, sending);
        assertThat(sending.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(run.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(run.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        for (var span : List.of(sending, run)) {
            assertThat(attribute(span, "celery.task_name")).isEqualTo("t.add");
            assertThat(attribute(span, "messaging.message.id")).isEqualTo("traced");
            assertThat(attribute(span, "messaging.destination")).isEqualTo(queue);
        }
        assertThat(attribute(run, "celery.state")).isEqualTo("SUCCESS");
    }

    @Test
    void aTaskRunsInItsSpan() {
        assertThat(sendTraced(call("t.current")))
                .isEqualTo(runs().span("run/t.current").getSpanId());
    }

    @Test
    void theBodyOfAChordAndTheNextStepFollowWhatTheyWaitedFor() {
        var members = group(List.of(call("t.add", 1, 2), call("t.add", 3, 4)));
        assertThat(
                        sendTraced(
                                members.then(call("t.sum"))
                                        .then(call("t.add", 100).returning(Integer.class))))
                .isEqualTo(110);

        var adds = runs().spans("run/t.add", 3);
        var sendingSum = runs().span("apply_async/t.sum");
        assertThat(adds.subList(0, 2))
                .extracting(SpanData::getSpanId)
                .contains(sendingSum.getParentSpanId());
        var sum = runs().span("run/t.sum");
        assertFollows(sum, sendingSum);
        var sendingLast = runs().spans("apply_async/t.add", isShared() ? 1 : 3).getLast();
        assertFollows(sendingLast, sum);
        assertFollows(adds.getLast(), sendingLast);
        assertThat(sum.getTraceId()).isEqualTo(client.span("request").getTraceId());
    }

    @Test
    void aRetryFollowsTheRunThatAskedForIt() {
        sendTraced(call("t.flaky"));

        var runs = runs().spans("run/t.flaky", 2);
        var again = runs().spans("apply_async/t.flaky", isShared() ? 1 : 2).getLast();
        assertFollows(again, runs.getFirst());
        assertFollows(runs.getLast(), again);
        assertThat(attribute(runs.getFirst(), "celery.state")).isEqualTo("RETRY");
        assertThat(attribute(runs.getFirst(), "celery.retry.reason"))
                .isEqualTo("java.lang.IllegalStateException: not yet");
    }

    @Test
    void aFailureIsAnErrorOfTheRun() {
        assertThatThrownBy(() -> sendTraced(call("t.broken", false)))
                .isInstanceOf(TaskFailedException.class);

        var run = runs().span("run/t.broken");
        assertThat(run.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(run.getStatus().getDescription()).isEqualTo("broken");
        assertThat(run.getEvents()).singleElement().extracting("name").isEqualTo("exception");
    }
}
