package dev.muster.spring;

import dev.muster.metrics.TaskMetrics;
import dev.muster.queue.Muster;
import dev.muster.queue.Router;
import dev.muster.queue.TaskHooks;
import dev.muster.tracing.TaskTracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/// Gives an application a [Muster] that knows the tasks among the methods of its beans, and a
/// worker for them.
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration"
        })
@EnableConfigurationProperties(WorkerProperties.class)
public class MusterAutoConfiguration {
    /// Beans that are hooks or routers belong to it.
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Muster muster(
            Environment environment,
            ConfigurableListableBeanFactory beans,
            ObjectProvider<TaskHooks> hooks,
            ObjectProvider<Router> routers,
            ObjectProvider<MusterCustomizer> customizers) {
        var builder =
                Muster.builder()
                        .settings(MusterProperties.settings(environment))
                        .hooks(hooks.orderedStream().toArray(TaskHooks[]::new))
                        .route(routers.orderedStream().toArray(Router[]::new));
        TaskBeans.register(beans, builder);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    WorkerLifecycle musterWorker(
            Muster muster,
            WorkerProperties properties,
            ObjectProvider<WorkerCustomizer> customizers) {
        return new WorkerLifecycle(
                muster,
                () -> {
                    var builder = muster.worker();
                    properties.applyTo(builder);
                    customizers
                            .orderedStream()
                            .forEach(customizer -> customizer.customize(builder));
                    return builder.start();
                },
                properties.enabled());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({TaskMetrics.class, MeterRegistry.class})
    static class Metrics {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnSingleCandidate(MeterRegistry.class)
        TaskMetrics musterTaskMetrics(MeterRegistry registry) {
            return new TaskMetrics(registry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({TaskTracing.class, OpenTelemetry.class})
    static class Tracing {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnSingleCandidate(OpenTelemetry.class)
        TaskTracing musterTaskTracing(OpenTelemetry telemetry) {
            return new TaskTracing(telemetry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
    @ConditionalOnEnabledHealthIndicator("muster")
    static class Health {
        @Bean
        @ConditionalOnMissingBean(name = "musterHealthIndicator")
        HealthIndicator musterHealthIndicator(WorkerLifecycle worker) {
            return new WorkerHealth(worker);
        }
    }
}
