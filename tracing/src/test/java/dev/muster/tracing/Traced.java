package dev.muster.tracing;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/// One process that is traced: its telemetry, and the spans that it has ended.
record Traced(OpenTelemetrySdk telemetry, InMemorySpanExporter exporter) {
    /// Long enough that only a lost span lets it pass.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    static Traced process() {
        var exporter = InMemorySpanExporter.create();
        return new Traced(
                OpenTelemetrySdk.builder()
                        .setTracerProvider(
                                SdkTracerProvider.builder()
                                        .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                        .build())
                        .setPropagators(
                                ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                        .build(),
                exporter);
    }

    TaskTracing hooks() {
        return new TaskTracing(telemetry);
    }

    Tracer tracer() {
        return telemetry.getTracer("test");
    }

    /// Those of this name, in the order in which they ended, when there are so many.
    List<SpanData> spans(String name, int count) {
        return Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> named(name), spans -> spans.size() == count);
    }

    SpanData span(String name) {
        return spans(name, 1).getFirst();
    }

    private List<SpanData> named(String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }
}
