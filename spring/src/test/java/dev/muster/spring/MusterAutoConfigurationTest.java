package dev.muster.spring;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.ControlCommand;
import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskHooks;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.SettingsException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.aop.MethodBeforeAdvice;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;

@Timeout(60)
class MusterAutoConfigurationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(MusterAutoConfiguration.class))
                    .withPropertyValues("muster.broker-url=memory:");

    /// Sends tasks and has tasks, so it wants the client that wants it.
    static class Orders {
        private final Muster muster;
        private final Semaphore started = new Semaphore(0);
        private final Semaphore gate = new Semaphore(0);
        private final Queue<String> seen = new ConcurrentLinkedQueue<>();

        Orders(Muster muster) {
            this.muster = muster;
        }

        String order(String article) {
            return muster.send(call(this::price, article)).get(PATIENCE);
        }

        @Task
        String price(String article) {
            return article + " costs 4.5";
        }

        @Task
        void gated() throws InterruptedException {
            started.release();
            try {
                gate.acquire();
                seen.add("done");
            } catch (InterruptedException e) {
                seen.add("interrupted");
                throw e;
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Shop {
        @Bean
        Orders orders(Muster muster) {
            return new Orders(muster);
        }
    }

    /// As Spring does for transactions and the like.
    @Configuration(proxyBeanMethods = false)
    static class Proxied {
        @Bean
        AtomicInteger calls() {
            return new AtomicInteger();
        }

        @Bean
        static BeanPostProcessor proxies() {
            var calls = new AtomicInteger();
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    if (bean instanceof AtomicInteger) {
                        return calls;
                    }
                    if (!(bean instanceof Doubler)) {
                        return bean;
                    }
                    var factory = new ProxyFactory(bean);
                    factory.setProxyTargetClass(true);
                    factory.addAdvice((MethodBeforeAdvice) (_, _, _) -> calls.incrementAndGet());
                    return factory.getProxy();
                }
            };
        }

        @Bean
        Doubler doubler() {
            return new Doubler();
        }
    }

    static class Doubler {
        @Task
        int twice(int number) {
            return 2 * number;
        }
    }

    @Test
    void methodsOfBeansAreTasksAndTheApplicationIsAClient() {
        application
                .withUserConfiguration(Shop.class)
                .run(context -> {
                    assertThat(context.getBean(Orders.class).order("tea"))
                            .isEqualTo("tea costs 4.5");
                    assertThat(context.getBean(Muster.class).tasks())
                            .contains("MusterAutoConfigurationTest.Orders.price(String article)");
                });
    }

    @Test
    void aTaskIsCalledThroughTheProxyOfItsBean() {
        application
                .withUserConfiguration(Proxied.class)
                .run(context -> {
                    var twice =
                            context.getBean(Muster.class)
                                    .send(call("MusterAutoConfigurationTest.Doubler.twice", 4));
                    assertThat(twice.get(PATIENCE)).isEqualTo(8L);
                    assertThat(context.getBean(AtomicInteger.class)).hasValue(1);
                });
    }

    static class Cache {
        @ControlCommand(name = "cache_clear")
        Map<String, Object> clear(String region) {
            return Map.of("ok", "cleared " + region);
        }
    }

    @Test
    void methodsOfBeansAreCommands() {
        application
                .withBean(Cache.class)
                .withPropertyValues("muster.worker.enabled=true", "muster.worker.hostname=w@h")
                .run(context -> {
                    var worker = context.getBean(WorkerLifecycle.class).worker().orElseThrow();
                    assertThat(worker.awaitReady(PATIENCE)).isTrue();
                    assertThat(
                                    context.getBean(Muster.class)
                                            .control()
                                            .to("w@h")
                                            .within(PATIENCE)
                                            .ask("cache_clear", Map.of("region", "images")))
                            .isEqualTo(Map.of("w@h", Map.of("ok", "cleared images")));
                });
    }

    @Test
    void thereIsAWorkerWhenThereAreTasksOrItIsWanted() {
        application.run(
                context -> assertThat(context.getBean(WorkerLifecycle.class).worker()).isEmpty());
        application
                .withPropertyValues("muster.worker.enabled=true", "muster.worker.queues=a,b")
                .withPropertyValues("muster.worker.hostname=w@h", "muster.worker.pool=threads")
                .withPropertyValues("muster.worker-concurrency=3")
                .run(context -> {
                    var worker = context.getBean(WorkerLifecycle.class).worker().orElseThrow();
                    assertThat(worker.queues()).containsExactlyInAnyOrder("a", "b");
                    assertThat(worker.hostname()).isEqualTo("w@h");
                    assertThat(worker.pool()).isEqualTo(Worker.Pool.THREADS);
                    assertThat(worker.concurrency()).isEqualTo(3);
                });
        application
                .withUserConfiguration(Shop.class)
                .withPropertyValues("muster.worker.enabled=false")
                .run(context ->
                        assertThat(context.getBean(WorkerLifecycle.class).worker()).isEmpty());
    }

    @Test
    void aPropertyThatIsNoSettingStopsTheApplication() {
        application
                .withPropertyValues("muster.task-defualt-queue=a")
                .run(context ->
                        assertThat(context)
                                .hasFailed()
                                .getFailure()
                                .hasRootCauseInstanceOf(SettingsException.class)
                                .rootCause()
                                .hasMessageContaining("did you mean 'task_default_queue'?"));
        application
                .withPropertyValues("muster.worker.enabeld=true")
                .run(context ->
                        assertThat(context)
                                .hasFailed()
                                .getFailure()
                                .rootCause()
                                .hasMessageContaining("muster.worker.enabeld"));
    }

    @Test
    void closingTheApplicationLetsWhatRunsEnd() {
        application
                .withUserConfiguration(Shop.class)
                .run(context -> {
                    var orders = context.getBean(Orders.class);
                    var worker = context.getBean(WorkerLifecycle.class).worker().orElseThrow();
                    orders.muster.send(call(orders::gated));
                    orders.started.acquire();
                    var closing = Thread.ofPlatform().name("closing").start(context::close);
                    Awaitility.await().atMost(PATIENCE).until(() -> !worker.health().isReady());
                    assertThat(closing.isAlive()).isTrue();
                    orders.gate.release();
                    closing.join();
                    assertThat(orders.seen).containsExactly("done");
                    assertThat(worker.health().isAlive()).isFalse();
                });
    }

    @Test
    void whatRunsForTooLongIsInterrupted() {
        application
                .withUserConfiguration(Shop.class)
                .withBean(
                        "lifecycleProcessor",
                        DefaultLifecycleProcessor.class,
                        () -> {
                            var processor = new DefaultLifecycleProcessor();
                            processor.setTimeoutPerShutdownPhase(100);
                            return processor;
                        })
                .run(context -> {
                    var orders = context.getBean(Orders.class);
                    orders.muster.send(call(orders::gated));
                    orders.started.acquire();
                    context.close();
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .untilAsserted(
                                    () -> assertThat(orders.seen).containsExactly("interrupted"));
                });
    }

    private static Health health(ApplicationContext context) {
        return Objects.requireNonNull(context.getBean(HealthIndicator.class).health());
    }

    @Test
    void healthIsThatOfTheWorker() {
        application
                .withUserConfiguration(Shop.class)
                .run(context -> {
                    var lifecycle = context.getBean(WorkerLifecycle.class);
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .until(() -> health(context).getStatus().equals(Status.UP));
                    lifecycle.stop();
                    assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health(context).getDetails()).containsEntry("state", "ended");
                });
        application.run(
                context -> assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN));
    }

    @Test
    void metersCountInTheRegistryOfTheApplicationAndHooksAreBeans() {
        var before = new AtomicInteger();
        TaskHooks hooks =
                new TaskHooks() {
                    @Override
                    public void before(TaskContext task) {
                        before.incrementAndGet();
                    }
                };
        var registry = new SimpleMeterRegistry();
        application
                .withUserConfiguration(Shop.class)
                .withBean(SimpleMeterRegistry.class, () -> registry)
                .withBean(TaskHooks.class, () -> hooks)
                .run(context -> context.getBean(Orders.class).order("tea"));

        assertThat(before).hasValue(1);
        assertThat(registry.get("muster.task.run").tag("state", "success").timer().count())
                .isEqualTo(1);
    }

    @Test
    void anApplicationMayHaveAClientOfItsOwnAndCustomizeOurs() {
        application
                .withBean(
                        MusterCustomizer.class,
                        () -> muster -> muster.set("task_default_queue", "x"))
                .withBean(WorkerCustomizer.class, () -> worker -> worker.concurrency(7))
                .withPropertyValues("muster.worker.enabled=true")
                .run(context -> {
                    var worker = context.getBean(WorkerLifecycle.class).worker().orElseThrow();
                    assertThat(worker.queues()).containsExactly("x");
                    assertThat(worker.concurrency()).isEqualTo(7);
                });
    }
}
