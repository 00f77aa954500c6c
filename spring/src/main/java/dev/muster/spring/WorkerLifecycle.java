package dev.muster.spring;

import dev.muster.queue.Muster;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/// The application's worker: started when everything else is, and the first to be stopped, while
/// the web server and the data sources still serve the tasks that run.
///
/// Spring gives those as long as `spring.lifecycle.timeout-per-shutdown-phase` says. What runs then
/// is interrupted.
public final class WorkerLifecycle implements SmartLifecycle, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLifecycle.class);
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    /// For what is interrupted, to be recorded.
    private static final Duration LAST_WORDS = Duration.ofSeconds(10);

    private final Supplier<Worker> starter;
    private final boolean enabled;
    private volatile @Nullable Worker worker;

    WorkerLifecycle(Muster muster, Supplier<Worker> starter, @Nullable Boolean enabled) {
        this.starter = starter;
        this.enabled = enabled == null ? !muster.tasks().isEmpty() : enabled;
    }

    /// Empty before it has been started, and when it is not to be.
    public Optional<Worker> worker() {
        return Optional.ofNullable(worker);
    }

    @Override
    public boolean isAutoStartup() {
        return enabled;
    }

    @Override
    public void start() {
        worker = starter.get();
    }

    @Override
    public boolean isRunning() {
        var started = worker;
        return started != null && started.health().isAlive();
    }

    @Override
    public void stop() {
        worker().ifPresent(started -> {
            started.stop();
            await(started, FOR_EVER);
        });
    }

    @Override
    public void stop(Runnable whenStopped) {
        Thread.ofVirtual()
                .name("worker-stop")
                .start(() -> {
                    try {
                        stop();
                    } finally {
                        whenStopped.run();
                    }
                });
    }

    /// Not before Spring's patience has ended.
    @Override
    public void destroy() {
        worker().filter(started -> started.health().isAlive())
                .ifPresent(started -> {
                    LOG.warn("the tasks that still run are interrupted");
                    started.quit();
                    await(started, LAST_WORDS);
                });
    }

    private static void await(Worker started, Duration limit) {
        try {
            started.awaitStopped(limit);
        } catch (MusterException e) {
            LOG.error("the worker had stopped before: {}", e.getMessage());
        }
    }
}
