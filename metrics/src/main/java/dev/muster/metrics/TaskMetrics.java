package dev.muster.metrics;

import dev.muster.queue.OutgoingTask;
import dev.muster.queue.TaskContext;
import dev.muster.queue.TaskHooks;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.State;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Counts and measures the tasks that an application sends and runs, and its workers, in a registry
/// of Micrometer. Thread-safe.
///
/// ```java
/// var muster = Muster.builder().hooks(new TaskMetrics(registry)).tasks(Orders.class).build();
/// ```
///
/// One of it may serve several applications of a process. The tags of a meter have few values: the
/// names of tasks that are registered in a worker, the first 500 names that are sent, classes of
/// exceptions, workers and their queues.
public final class TaskMetrics implements TaskHooks {
    /// Names of tasks that run elsewhere may be made up at run time.
    private static final int MAX_SENT_NAMES = 500;

    private static final String UNKNOWN = "unknown";
    private static final String TASK = "task";
    private static final String EXCEPTION = "exception";

    private final MeterRegistry registry;
    private final MeterProvider<Counter> sent;
    private final MeterProvider<Timer> publish;
    private final MeterProvider<Timer> queueTime;
    private final MeterProvider<Timer> run;
    private final MeterProvider<Counter> failures;
    private final MeterProvider<Counter> retries;
    private final MeterProvider<Counter> discarded;
    private final Counter refused;
    private final Set<String> sentNames = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    private final Map<Worker, WorkerGauges> workers = new ConcurrentHashMap<>();

    public TaskMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.sent =
                Counter.builder("muster.task.sent")
                        .description("Calls that the broker has taken, or a transaction of ours")
                        .withRegistry(registry);
        this.publish =
                Timer.builder("muster.publish")
                        .description("How long the broker took to take messages, with all retries")
                        .withRegistry(registry);
        this.queueTime =
                Timer.builder("muster.task.queue.time")
                        .description("How long calls have waited from when they were to start")
                        .withRegistry(registry);
        this.run =
                Timer.builder("muster.task.run")
                        .description("How long tasks have run")
                        .withRegistry(registry);
        this.failures =
                Counter.builder("muster.task.failures")
                        .description("Tasks that have failed for good")
                        .withRegistry(registry);
        this.retries =
                Counter.builder("muster.task.retries")
                        .description("Runs of tasks after which they are to be tried again")
                        .withRegistry(registry);
        this.discarded =
                Counter.builder("muster.task.discarded")
                        .description("Tasks that were revoked, or have expired, before they ran")
                        .withRegistry(registry);
        this.refused =
                Counter.builder("muster.message.refused")
                        .description("Messages that cannot be read, or call an unknown task")
                        .register(registry);
    }

    @Override
    public void publish(List<OutgoingTask> messages, Runnable send) {
        var outcome = "failure";
        var timing = Timer.start(registry);
        try {
            send.run();
            outcome = "success";
        } finally {
            timing.stop(publish.withTags("outcome", outcome));
        }
        for (var message : messages) {
            if (message.retries() == 0) {
                sent.withTags(TASK, bounded(message.task())).increment();
            }
        }
    }

    private String bounded(String name) {
        if (sentNames.contains(name)) {
            return name;
        }
        return sentNames.size() < MAX_SENT_NAMES && sentNames.add(name) ? name : UNKNOWN;
    }

    @Override
    public void before(TaskContext task) {
        running(task).incrementAndGet();
        task.queueTime().ifPresent(wait -> queueTime.withTags(TASK, task.task()).record(wait));
    }

    private AtomicInteger running(TaskContext task) {
        return running.computeIfAbsent(
                task.task(),
                name -> {
                    var count = new AtomicInteger();
                    Gauge.builder("muster.task.running", count, AtomicInteger::get)
                            .description("Tasks that run now")
                            .tag(TASK, name)
                            .register(registry);
                    return count;
                });
    }

    @Override
    public void failed(TaskContext task, Throwable cause) {
        failures.withTags(TASK, task.task(), EXCEPTION, nameOf(cause)).increment();
    }

    @Override
    public void retrying(TaskContext task, @Nullable Throwable cause, Instant next) {
        retries.withTags(TASK, task.task(), EXCEPTION, cause == null ? "none" : nameOf(cause))
                .increment();
    }

    /// As Micrometer's own instrumentations name exceptions.
    private static String nameOf(Throwable thrown) {
        var name = thrown.getClass().getSimpleName();
        return name.isEmpty() ? thrown.getClass().getName() : name;
    }

    @Override
    public void after(TaskContext task, State state) {
        running(task).decrementAndGet();
        run.withTags(TASK, task.task(), "state", state.name().toLowerCase(Locale.ROOT))
                .record(task.runTime());
    }

    @Override
    public void discarded(TaskContext task, String reason) {
        discarded.withTags(TASK, task.task(), "reason", reason).increment();
    }

    @Override
    public void refused(Message message) {
        refused.increment();
    }

    @Override
    public void workerStarted(Worker worker) {
        workers.put(worker, new WorkerGauges(registry, worker));
    }

    @Override
    public void workerStopped(Worker worker) {
        var gauges = workers.remove(worker);
        if (gauges != null) {
            gauges.close();
        }
    }
}
