package dev.muster.metrics;

import dev.muster.queue.Worker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToDoubleFunction;

/// What a registry shows of one worker while that runs. Thread-safe.
final class WorkerGauges implements AutoCloseable {
    private final MeterRegistry registry;
    private final Worker worker;
    private final QueueDepths depths;
    private final Set<String> queues = ConcurrentHashMap.newKeySet();
    private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();

    WorkerGauges(MeterRegistry registry, Worker worker) {
        this.registry = registry;
        this.worker = worker;
        this.depths = new QueueDepths(this::queueLengths, registry.config().clock());
        add("muster.worker.slots", "Tasks that may run at once", Worker::concurrency);
        add("muster.worker.slots.used", "Tasks that run now", Worker::running);
        add("muster.worker.reserved", "Tasks that wait in the worker for a slot", Worker::reserved);
        worker.queues().forEach(this::addQueue);
    }

    private void add(String name, String description, ToDoubleFunction<Worker> value) {
        meters.add(
                Gauge.builder(name, worker, value)
                        .description(description)
                        .tag("worker", worker.hostname())
                        .register(registry));
    }

    /// Also of the queues that the worker was told to read later on.
    private Map<String, Long> queueLengths() {
        var lengths = worker.queueLengths();
        lengths.keySet().forEach(this::addQueue);
        return lengths;
    }

    private void addQueue(String queue) {
        if (queues.add(queue)) {
            meters.add(
                    Gauge.builder("muster.queue.depth", depths, known -> known.of(queue))
                            .description("Messages that wait in the queue, in no worker's hands")
                            .tag("queue", queue)
                            .tag("worker", worker.hostname())
                            .register(registry));
        }
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
