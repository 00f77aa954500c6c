package dev.muster.tracing;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.CeleryWorker;
import dev.muster.testkit.Servers;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class CeleryTracingTest {
    private static final String URL = Servers.redis().url(3);

    /// Handles the signals that `opentelemetry-instrumentation-celery` 0.66b0.dev handles, and
    /// reads and writes headers where it does: the headers of the message when one is published,
    /// attributes of the task's request when it is run.
    private static final String APP =
            """
            import secrets
            from celery import Celery, signals

            app = Celery("traced")
            trace = None

            @signals.task_prerun.connect
            def begin(task=None, **_):
                global trace
                parent = getattr(task.request, "traceparent", None)
                trace = parent.split("-")[1] if parent else secrets.token_hex(16)

            @signals.before_task_publish.connect
            def inject(headers=None, **_):
                headers["traceparent"] = "00-%s-%s-01" % (trace, secrets.token_hex(8))

            @app.task(bind=True, name="python.relay")
            def relay(self, given):
                return given + [self.request.traceparent]
            """;

    static final class Tasks {
        @Task(name = "java.first")
        static List<String> first() {
            return List.of();
        }

        @Task(name = "java.last")
        static List<String> last(List<String> seen) {
            return seen;
        }
    }

    @Test
    void aTraceGoesFromJavaThroughPythonToJava() {
        var traced = Traced.process();
        var options = CeleryWorker.Options.of(APP, URL).withResults(URL).withQueues("python");
        try (var _ = CeleryWorker.start(options);
                var muster =
                        Muster.builder()
                                .settings(
                                        Settings.DEFAULT
                                                .with("broker_url", URL)
                                                .with("task_default_queue", "java"))
                                .tasks(Tasks.class)
                                .hooks(traced.hooks())
                                .build();
                var _ = muster.worker().start()) {
            var request = traced.tracer().spanBuilder("request").startSpan();
            Object seen;
            try (var _ = request.makeCurrent()) {
                seen =
                        muster.send(
                                        call("java.first")
                                                .then(call("python.relay").queue("python"))
                                                .then(call("java.last").queue("java")))
                                .get(Traced.PATIENCE);
            }

            var sending = traced.span("apply_async/python.relay");
            assertThat(sending.getParentSpanId())
                    .isEqualTo(traced.span("run/java.first").getSpanId());
            assertThat(seen)
                    .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "00-%s-%s-"
                                    .formatted(
                                            request.getSpanContext().getTraceId(),
                                            sending.getSpanId()));
            var last = traced.span("run/java.last");
            assertThat(last.getTraceId()).isEqualTo(request.getSpanContext().getTraceId());
            assertThat(last.getParentSpanContext().isRemote()).isTrue();
            // Python has sent it, in a span of its own.
            assertThat(last.getParentSpanId()).isNotEqualTo(sending.getSpanId());
            assertThat(Span.current().getSpanContext().isValid()).isFalse();
        }
    }
}
