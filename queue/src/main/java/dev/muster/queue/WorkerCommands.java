package dev.muster.queue;

import static dev.muster.queue.CommandTable.ok;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.child.ResidentMemory;
import dev.muster.queue.control.Arguments;
import dev.muster.queue.control.CommandException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Exchange;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.Secrets;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Commands about a worker as a whole (celery-wire 7.3 to 7.5): its queues, its size, its memory,
/// its settings, its end.
final class WorkerCommands {
    /// What has one of these words in its name is not shown, as in Celery.
    private static final Secrets SECRETS =
            new Secrets(Pattern.compile("(?i)api|token|key|secret|pass|signature"), "********");

    /// What fits into a name of AMQP, in bytes.
    private static final int LONGEST_NAME = 255;

    private final Muster muster;
    private final Worker worker;
    private final WorkerLoop loop;
    private final long started = System.nanoTime();

    WorkerCommands(Muster muster, Worker worker, WorkerLoop loop) {
        this.muster = muster;
        this.worker = worker;
        this.loop = loop;
    }

    CommandTable addTo(CommandTable table) {
        return table.with(_ -> stats(), "stats")
                .with(_ -> queues(), "active_queues")
                .with(this::conf, "conf", "dump_conf")
                .with(_ -> ok(report()), "report")
                .with(_ -> memory(), "memsample")
                .with(_ -> memory(), "memdump")
                .with(WorkerCommands::objgraph, "objgraph")
                .with(this::addConsumer, "add_consumer")
                .with(this::cancelConsumer, "cancel_consumer")
                .with(arguments -> grow(arguments.integer("n", 1)), "pool_grow")
                .with(arguments -> shrink(arguments.integer("n", 1)), "pool_shrink")
                .with(WorkerCommands::restartPool, "pool_restart")
                .with(this::autoscale, "autoscale")
                .with(_ -> enableEvents(), "enable_events")
                .with(_ -> disableEvents(), "disable_events")
                .with(_ -> heartbeat(), "heartbeat")
                .with(_ -> null, "election")
                .with(this::shutdown, "shutdown");
    }

    private Object stats() {
        var stats = new LinkedHashMap<String, @Nullable Object>();
        stats.put("total", loop.roster().counts());
        stats.put("pid", ProcessHandle.current().pid());
        stats.put("clock", String.valueOf(muster.logicalClock().now()));
        stats.put("uptime", Duration.ofNanos(System.nanoTime() - started).toSeconds());
        stats.put("pool", pool());
        stats.put("broker", broker());
        stats.put("prefetch_count", loop.prefetch());
        stats.put("rusage", usage());
        return stats;
    }

    private Map<String, @Nullable Object> pool() {
        var settings = muster.settings();
        var maxTasks = settings.get(Setting.WORKER_MAX_TASKS_PER_CHILD);
        var pool = new LinkedHashMap<String, @Nullable Object>();
        pool.put(
                "implementation",
                "dev.muster.queue:" + worker.pool().name().toLowerCase(Locale.ROOT));
        pool.put("max-concurrency", loop.concurrency());
        pool.put("processes", loop.runner().processes());
        pool.put("max-tasks-per-child", maxTasks == 0 ? "N/A" : maxTasks);
        pool.put("put-guarded-by-semaphore", false);
        pool.put(
                "timeouts",
                List.of(
                        seconds(settings, Setting.TASK_SOFT_TIME_LIMIT),
                        seconds(settings, Setting.TASK_TIME_LIMIT)));
        return pool;
    }

    private static double seconds(Settings settings, Setting<Optional<Duration>> setting) {
        return settings.get(setting).map(limit -> limit.toMillis() / 1000.0).orElse(0.0);
    }

    private Map<String, @Nullable Object> broker() {
        var url = ServiceUrl.parse(muster.settings().get(Setting.BROKER_URL));
        var broker = new LinkedHashMap<String, @Nullable Object>();
        broker.put("hostname", url.host().isEmpty() ? url.path() : url.host());
        broker.put("userid", url.user());
        broker.put("virtual_host", url.path().replaceFirst("^/", ""));
        broker.put("port", url.port() < 0 ? null : url.port());
        broker.put("insist", false);
        broker.put("ssl", url.scheme().equals("amqps") || url.scheme().equals("rediss"));
        broker.put("transport", url.scheme());
        broker.put(
                "connect_timeout",
                muster.settings().get(Setting.BROKER_CONNECTION_TIMEOUT).toMillis() / 1000.0);
        broker.put("transport_options", Map.of());
        broker.put("login_method", null);
        broker.put("uri_prefix", null);
        broker.put(
                "heartbeat", muster.settings().get(Setting.BROKER_HEARTBEAT).toMillis() / 1000.0);
        broker.put("failover_strategy", "round-robin");
        broker.put("alternates", url.alternates().stream().map(ServiceUrl::toString).toList());
        return broker;
    }

    private static Map<String, @Nullable Object> usage() {
        var usage = new LinkedHashMap<String, @Nullable Object>();
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .ifPresent(cpu -> usage.put("utime", cpu.toMillis() / 1000.0));
        usage.put("maxrss", ResidentMemory.bytes() / 1024);
        return usage;
    }

    private List<Map<String, @Nullable Object>> queues() {
        return loop.queues().stream().map(WorkerCommands::describe).toList();
    }

    private static Map<String, @Nullable Object> describe(Queue queue) {
        var exchange = new LinkedHashMap<String, @Nullable Object>();
        exchange.put("name", queue.exchange().name());
        exchange.put("type", queue.exchange().type().wireName());
        exchange.put("arguments", null);
        exchange.put("durable", queue.exchange().durable());
        exchange.put("passive", false);
        exchange.put("auto_delete", false);
        exchange.put("delivery_mode", null);
        exchange.put("no_declare", false);
        var description = new LinkedHashMap<String, @Nullable Object>();
        description.put("name", queue.name());
        description.put("exchange", exchange);
        description.put("routing_key", queue.routingKey());
        description.put("queue_arguments", queue.arguments().isEmpty() ? null : queue.arguments());
        description.put("binding_arguments", null);
        description.put("consumer_arguments", null);
        description.put("durable", queue.lifetime() == Queue.Lifetime.DURABLE);
        description.put("exclusive", false);
        description.put("auto_delete", queue.lifetime() != Queue.Lifetime.DURABLE);
        description.put("no_ack", false);
        description.put("alias", null);
        description.put("bindings", List.of());
        description.put("no_declare", null);
        description.put("expires", null);
        description.put("message_ttl", null);
        description.put("max_length", null);
        description.put("max_length_bytes", null);
        description.put("max_priority", queue.arguments().get("x-max-priority"));
        return description;
    }

    private Object conf(Arguments arguments) {
        var all = arguments.flag("with_defaults");
        var conf = new LinkedHashMap<String, @Nullable Object>();
        for (var setting : Setting.all().values()) {
            if (all || muster.settings().isSet(setting)) {
                conf.put(setting.name(), shown(setting));
            }
        }
        return conf;
    }

    /// Times in seconds, as all of JSON's clients understand them.
    private @Nullable Object shown(Setting<?> setting) {
        var shown = SECRETS.shown(setting.name(), muster.settings().get(setting));
        return shown instanceof Duration duration ? (Object) (duration.toMillis() / 1000.0) : shown;
    }

    private String report() {
        return "software -> muster, java %s\nplatform -> %s %s\nbroker -> %s\nresults -> %s\npool -> %s, %d\n"
                .formatted(
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        muster.brokerDescription(),
                        muster.resultStoreDescription(),
                        worker.pool().name().toLowerCase(Locale.ROOT),
                        loop.concurrency());
    }

    private static String memory() {
        return String.format(Locale.ROOT, "%.2fMB", ResidentMemory.bytes() / 1024.0 / 1024.0);
    }

    private static Object objgraph(Arguments arguments) {
        throw new CommandException(
                "not supported by a Java worker; jcmd %d GC.class_histogram shows what fills the heap"
                        .formatted(ProcessHandle.current().pid()));
    }

    private Object addConsumer(Arguments arguments) {
        var name = checked(arguments.text("queue"));
        try {
            var added = toRead(name, arguments);
            // Before the worker reads them, as it ends when the broker refuses its queues.
            added.forEach(muster.broker()::declare);
            loop.add(name, added);
        } catch (SettingsException | BrokerException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
        return ok("add consumer " + name);
    }

    /// @throws SettingsException when a queue that is missing is not to be created
    private List<Queue> toRead(String name, Arguments arguments) {
        var exchange = arguments.optionalText("exchange");
        return exchange.isEmpty()
                ? muster.queueDirectory().toRead(name)
                : List.of(
                        new Queue(
                                name,
                                new Exchange(
                                        checked(exchange.get()),
                                        type(
                                                arguments
                                                        .optionalText("exchange_type")
                                                        .orElse("direct")),
                                        true),
                                checked(arguments.optionalText("routing_key").orElse(name)),
                                Queue.Lifetime.DURABLE,
                                muster.queueDirectory().named(name).arguments()));
    }

    private static String checked(String name) {
        if (name.isEmpty()
                || name.getBytes(UTF_8).length > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new CommandException(
                    "ValueError('a name has 1 to %d bytes and no control characters')"
                            .formatted(LONGEST_NAME));
        }
        return name;
    }

    private static Exchange.Type type(String name) {
        try {
            return Exchange.Type.of(name);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    "exchange type '%s' is none of direct, topic, fanout".formatted(name));
        }
    }

    private Object cancelConsumer(Arguments arguments) {
        var name = arguments.text("queue");
        loop.remove(name);
        return ok("no longer consuming from " + name);
    }

    private Object grow(int count) {
        worker.resize(positive(count));
        return ok("pool will grow");
    }

    private Object shrink(int count) {
        worker.resize(-positive(count));
        return ok("pool will shrink");
    }

    private static int positive(int count) {
        if (count < 1) {
            throw new CommandException(
                    "ValueError('n must be 1 or more, was %d')".formatted(count));
        }
        return count;
    }

    private static Object restartPool(Arguments arguments) {
        throw new CommandException("ValueError('Pool restarts not enabled')");
    }

    private Object autoscale(Arguments arguments) {
        var range = worker.autoscale(arguments.integer("max", 0), arguments.integer("min", 0));
        return ok("autoscale now max=%d min=%d".formatted(range.max(), range.min()));
    }

    private Object enableEvents() {
        return ok(
                worker.enableEvents(true) ? "task events enabled" : "task events already enabled");
    }

    private Object disableEvents() {
        return ok(
                worker.enableEvents(false)
                        ? "task events disabled"
                        : "task events already disabled");
    }

    private @Nullable Object heartbeat() {
        worker.beat();
        return null;
    }

    private @Nullable Object shutdown(Arguments arguments) {
        worker.stop();
        return null;
    }
}
