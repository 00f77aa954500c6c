package dev.muster.cli;

import dev.muster.metrics.TaskMetrics;
import dev.muster.queue.TaskHooks;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.stream.Stream;

/// The meters of a process, as Prometheus reads them. Loaded only when somebody wants it.
final class MetricsPage {
    static final String PATH = "/metrics";
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /// Into which times are counted: from tasks that look something up to those that compute a
    /// report.
    private static final double[] BUCKETS =
            Stream.of(
                            Duration.ofMillis(10),
                            Duration.ofMillis(50),
                            Duration.ofMillis(100),
                            Duration.ofMillis(500),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(30),
                            Duration.ofMinutes(1),
                            Duration.ofMinutes(5),
                            Duration.ofMinutes(30),
                            Duration.ofHours(1))
                    .mapToDouble(Duration::toNanos)
                    .toArray();

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    MetricsPage() {
        registry.config().meterFilter(new Histograms());
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    /// What measures tasks and workers.
    TaskHooks hooks() {
        return new TaskMetrics(registry);
    }

    void addTo(Endpoints endpoints) {
        endpoints.with(PATH, () -> new Endpoints.Answer(200, TYPE, registry.scrape(TYPE)));
    }

    /// Counts the times of tasks, so that Prometheus can tell their quantiles.
    private static final class Histograms implements MeterFilter {
        @Override
        public DistributionStatisticConfig configure(
                Meter.Id id, DistributionStatisticConfig config) {
            return id.getType() == Meter.Type.TIMER && id.getName().startsWith("muster.")
                    ? DistributionStatisticConfig.builder()
                            .serviceLevelObjectives(BUCKETS)
                            .build()
                            .merge(config)
                    : config;
        }
    }
}
