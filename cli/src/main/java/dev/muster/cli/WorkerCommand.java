package dev.muster.cli;

import dev.muster.queue.Beat;
import dev.muster.queue.Muster;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Setting;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = {
            "Takes tasks from queues and runs them, until it is stopped.",
            "",
            "Ctrl-C, or SIGTERM, lets the tasks that run come to their end (warm shutdown); the settings"
                    + " worker_warm_shutdown_timeout and worker_soft_shutdown_timeout limit that. A second one quits:"
                    + " it breaks them off, and gives those back that are acknowledged late. REMAP_SIGTERM=SIGQUIT in"
                    + " the environment makes the first SIGTERM quit."
        },
        footer = {"", "Example:", "  muster worker -A Currency.java -b redis://localhost -c 8"})
final class WorkerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    @Spec private @Nullable CommandSpec spec;

    @Mixin private ApplicationOptions application = new ApplicationOptions();

    @Mixin private ConnectionOptions connection = new ConnectionOptions();

    @Option(
            names = {"-Q", "--queues"},
            split = ",",
            paramLabel = "QUEUE",
            description =
                    "The queues to read, separated by commas. By default those of task_queues, or the default queue.")
    private List<String> queues = List.of();

    @Option(
            names = {"-X", "--exclude-queues"},
            split = ",",
            paramLabel = "QUEUE",
            description = "Those of the queues that are not to be read, separated by commas.")
    private List<String> excluded = List.of();

    @Option(
            names = {"-c", "--concurrency"},
            paramLabel = "N",
            description =
                    "How many tasks run at once, but for the pool solo. By default the number of processors.")
    private @Nullable Integer concurrency;

    @Option(
            names = "--autoscale",
            split = ",",
            paramLabel = "MAX[,MIN]",
            description =
                    "Run as many tasks at once as there are to do, from MIN (1) to MAX, in place of -c.")
    private List<Integer> autoscale = List.of();

    @Option(
            names = {"-P", "--pool"},
            paramLabel = "POOL",
            description =
                    "What tasks run on: threads (the default; for tasks that compute, and hundreds that wait for"
                            + " others), virtual (virtual threads, for thousands that wait), processes (for tasks"
                            + " that may crash, leak, or must be killed at their time limit; prefork means the"
                            + " same), or solo (one after the other, on one thread).",
            converter = PoolName.class)
    private Worker.Pool pool = Worker.Pool.THREADS;

    @Option(
            names = "--max-tasks-per-child",
            paramLabel = "N",
            description = "After how many tasks a child process is replaced.")
    private @Nullable Integer maxTasksPerChild;

    @Option(
            names = "--max-memory-per-child",
            paramLabel = "KIB",
            description = "A child process that has more KiB of memory after a task is replaced.")
    private @Nullable Integer maxMemoryPerChild;

    @Option(
            names = {"-n", "--hostname"},
            paramLabel = "NAME",
            description =
                    "The node name, unique among all workers, such as reports@%%h, where %%h stands for the host."
                            + " By default muster@%%h.")
    private @Nullable String name;

    @Option(
            names = "--prefetch-multiplier",
            paramLabel = "N",
            description =
                    "How many messages are fetched ahead, times concurrency; 0 for no limit. 4 by default.")
    private @Nullable Integer prefetchMultiplier;

    @Option(
            names = {"-E", "--task-events"},
            description = "Tell monitors what happens with each task.")
    private boolean taskEvents;

    @Option(
            names = "--without-heartbeat",
            description = "Do not tell monitors and Python workers that this worker lives.")
    private boolean withoutHeartbeat;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "SECONDS",
            description =
                    "How often to tell monitors that this worker lives; ${DEFAULT-VALUE} by default.")
    private double heartbeatInterval = 2;

    @Option(
            names = "--statedb",
            paramLabel = "FILE",
            description =
                    "Where the ids of revoked tasks survive a restart. Each worker needs a file of its own.")
    private @Nullable Path stateFile;

    @Option(
            names = {"-B", "--beat"},
            description = "Run a beat as well: send tasks at the times of the schedule.")
    private boolean beats;

    @Mixin private ScheduleOption schedule = new ScheduleOption();

    @Mixin private HttpOption http = new HttpOption();

    @Option(
            names = "--metrics",
            description =
                    "Count and measure tasks, and answer GET /metrics for Prometheus at the address of --http.")
    private boolean metrics;

    @Mixin private ServiceOptions service = new ServiceOptions();

    @Override
    public Integer call() throws InterruptedException {
        var background = service.detach(spec());
        return background.isPresent() ? background.getAsInt() : work();
    }

    private int work() {
        var logLevel = connection.logLevel(LogLevel.INFO);
        service.useLog(spec(), logLevel);
        var tasks = application.load();
        Thread.currentThread().setContextClassLoader(tasks.loader());
        // The address comes first: who cannot have it has taken no task yet.
        try (var _ = service.writePid(spec());
                var endpoints = http.bind();
                var muster = schedule.applyTo(application(tasks, endpoints)).build();
                var beat = beats ? muster.beat().start() : null) {
            var banner = new Banner(muster, endpoints);
            var shutdown =
                    Shutdown.onSignals(
                            muster.settings(),
                            service.log().notices(spec().commandLine().getErr()));
            var worker = builder(muster).children(service.log().children(logLevel)).start();
            shutdown.attend(worker);
            if (endpoints != null) {
                probes(worker, beat).addTo(endpoints).start();
            }
            introduce(muster, banner, worker);
            if (worker.awaitReady(FOR_EVER) && !shutdown.hasBegun()) {
                LOG.info("{} ready.", worker.hostname());
                ServiceOptions.ready(spec().commandLine().getOut());
            }
            worker.awaitStopped(FOR_EVER);
            shutdown.linger();
        }
        return 0;
    }

    private void introduce(Muster muster, Banner banner, Worker worker) {
        var text = new StringWriter();
        var out = new PrintWriter(text, true);
        banner.print(worker, out);
        if (beats) {
            printSchedule(muster, out);
        }
        service.log().introduce(text.toString(), spec().commandLine().getOut());
    }

    private static Probes probes(Worker worker, @Nullable Beat beat) {
        var probes = new Probes().of("worker", worker::health);
        return beat == null ? probes : probes.of("beat", beat::health);
    }

    private static void printSchedule(Muster muster, PrintWriter out) {
        try (var schedules = muster.schedules()) {
            out.printf("[beat]%n  .> schedule:    %s%n%n", schedules.description());
            out.flush();
        }
    }

    private Muster.Builder application(Application tasks, @Nullable Endpoints endpoints) {
        var builder = tasks.registerWith(connection.muster());
        if (metrics) {
            var page = new MetricsPage();
            builder.hooks(page.hooks());
            page.addTo(requireHttp(endpoints));
        }
        if (taskEvents) {
            builder.set(Setting.WORKER_SEND_TASK_EVENTS.name(), true);
        }
        if (maxTasksPerChild != null) {
            builder.set(Setting.WORKER_MAX_TASKS_PER_CHILD.name(), maxTasksPerChild);
        }
        if (maxMemoryPerChild != null) {
            builder.set(Setting.WORKER_MAX_MEMORY_PER_CHILD.name(), maxMemoryPerChild);
        }
        return builder;
    }

    private static Endpoints requireHttp(@Nullable Endpoints endpoints) {
        if (endpoints == null) {
            throw CommandException.wrongUse(
                    "--metrics needs an address at which Prometheus reads them, such as --http 0.0.0.0:8080");
        }
        return endpoints;
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec, "spec");
    }

    /// None for the default.
    private String[] queues(Muster muster) {
        if (excluded.isEmpty()) {
            return queues.toArray(String[]::new);
        }
        var all = queues.isEmpty() ? muster.queues() : queues;
        var unknown = excluded.stream().filter(name -> !all.contains(name)).findFirst();
        if (unknown.isPresent()) {
            throw CommandException.wrongUse(
                    "there is no queue '%s' to leave out; the worker would read %s"
                            .formatted(unknown.get(), String.join(", ", all)));
        }
        var rest = all.stream().filter(name -> !excluded.contains(name)).toList();
        if (rest.isEmpty()) {
            throw CommandException.wrongUse("-X leaves no queue to read");
        }
        return rest.toArray(String[]::new);
    }

    private Worker.Builder builder(Muster muster) {
        var builder = muster.worker().pool(pool).queues(queues(muster));
        builder.heartbeat(
                withoutHeartbeat
                        ? Duration.ZERO
                        : Seconds.toDuration("--heartbeat-interval", heartbeatInterval));
        if (stateFile != null) {
            builder.stateFile(stateFile);
        }
        if (!autoscale.isEmpty()) {
            builder.autoscale(autoscale.getFirst(), autoscale.size() > 1 ? autoscale.get(1) : 1);
        } else if (concurrency != null) {
            builder.concurrency(concurrency);
        }
        if (prefetchMultiplier != null) {
            builder.prefetchMultiplier(prefetchMultiplier);
        }
        if (name != null) {
            builder.hostname(name.replaceFirst("@%h$", ""));
        }
        return builder;
    }

    /// The names of the pools, and Celery's for processes.
    static final class PoolName implements ITypeConverter<Worker.Pool> {
        @Override
        public Worker.Pool convert(String value) {
            if (value.equalsIgnoreCase("prefork")) {
                return Worker.Pool.PROCESSES;
            }
            return Arrays.stream(Worker.Pool.values())
                    .filter(pool -> pool.name().equalsIgnoreCase(value))
                    .findFirst()
                    .orElseThrow(() ->
                            new TypeConversionException(
                                    "expected one of threads, virtual, processes, solo but was '%s'"
                                            .formatted(value)));
        }
    }
}
