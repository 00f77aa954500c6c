package dev.muster.tracing;

import dev.muster.queue.OutgoingTask;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskHooks;
import dev.muster.queue.spi.State;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Traces tasks: a span for each message that is sent, a span for each run, and between them the
/// headers of the message. What follows a task, and what is tried again, stays in its trace.
/// Thread-safe.
///
/// ```java
/// var muster = Muster.builder().hooks(new TaskTracing(telemetry)).tasks(Orders.class).build();
/// ```
///
/// The headers are those of the propagators that the [OpenTelemetry] has: with W3C's, `traceparent`
/// and `tracestate`. Headers, names of spans and their attributes are those of Python's
/// `opentelemetry-instrumentation-celery`, checked against its version 0.66b0.dev.
public final class TaskTracing implements TaskHooks {
    private static final String ACTION = "celery.action";
    private static final String TASK_NAME = "celery.task_name";
    private static final String MESSAGE_ID = "messaging.message.id";
    private static final String DESTINATION = "messaging.destination";

    private static final TextMapGetter<Map<String, @Nullable Object>> GETTER = TaskTracing::header;

    private final Tracer tracer;
    private final TextMapPropagator propagator;

    public TaskTracing(OpenTelemetry telemetry) {
        this.tracer = telemetry.getTracer("dev.muster");
        this.propagator = telemetry.getPropagators().getTextMapPropagator();
    }

    @Override
    public void publish(List<OutgoingTask> messages, Runnable send) {
        var spans = new ArrayList<Span>(messages.size());
        for (var message : messages) {
            var parent = parentOf(message);
            var span = startSending(message, parent);
            spans.add(span);
            propagator.inject(parent.with(span), message, TaskTracing::setHeader);
        }
        try {
            send.run();
        } catch (RuntimeException | Error e) {
            spans.forEach(span -> fail(span, e));
            throw e;
        } finally {
            spans.forEach(Span::end);
        }
    }

    /// What the thread is at; otherwise that of the message which comes again.
    private Context parentOf(OutgoingTask message) {
        var current = Context.current();
        return Span.fromContext(current).getSpanContext().isValid()
                ? current
                : propagator.extract(current, message.headers(), GETTER);
    }

    private Span startSending(OutgoingTask message, Context parent) {
        return tracer.spanBuilder("apply_async/" + message.task())
                .setParent(parent)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute(ACTION, "apply_async")
                .setAttribute(TASK_NAME, message.task())
                .setAttribute(MESSAGE_ID, message.id())
                .setAttribute(DESTINATION, message.routingKey())
                .startSpan();
    }

    private static void setHeader(@Nullable OutgoingTask message, String name, String value) {
        if (message != null) {
            message.header(name, value);
        }
    }

    @Override
    public void before(TaskContext task) {
        var parent = propagator.extract(Context.root(), task.headers(), GETTER);
        var span = startRunning(task, parent);
        task.attach(Run.class, new Run(span, parent.with(span)));
    }

    private Span startRunning(TaskContext task, Context parent) {
        SpanBuilder span =
                tracer.spanBuilder("run/" + task.task())
                        .setParent(parent)
                        .setSpanKind(SpanKind.CONSUMER)
                        .setAttribute(ACTION, "run")
                        .setAttribute(TASK_NAME, task.task())
                        .setAttribute(MESSAGE_ID, task.id())
                        .setAttribute(DESTINATION, task.routingKey())
                        .setAttribute("celery.hostname", task.hostname());
        if (task.retries() > 0) {
            span.setAttribute("celery.retries", task.retries());
        }
        return span.startSpan();
    }

    /// What the thread is at while the task runs, and while what follows it is sent.
    private record Run(Span span, Context context) {}

    @Override
    public void within(TaskContext task, Runnable step) {
        task.attached(Run.class).map(Run::context).orElse(Context.current()).wrap(step).run();
    }

    @Override
    public void failed(TaskContext task, Throwable cause) {
        task.attached(Run.class).ifPresent(run -> fail(run.span(), cause));
    }

    private static void fail(Span span, Throwable cause) {
        span.recordException(cause);
        span.setStatus(StatusCode.ERROR, String.valueOf(cause.getMessage()));
    }

    @Override
    public void retrying(TaskContext task, @Nullable Throwable cause, Instant next) {
        if (cause != null) {
            task.attached(Run.class)
                    .ifPresent(run ->
                            run.span().setAttribute("celery.retry.reason", cause.toString()));
        }
    }

    @Override
    public void after(TaskContext task, State state) {
        task.attached(Run.class)
                .map(Run::span)
                .ifPresent(span -> {
                    span.setAttribute("celery.state", state.name());
                    span.end();
                });
    }

    /// Other headers than these may be no text.
    private static @Nullable String header(
            @Nullable Map<String, @Nullable Object> headers, String name) {
        return headers != null && headers.get(name) instanceof String text ? text : null;
    }
}
