package dev.muster.queue;

import dev.muster.parallel.ProcessOptions;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.control.CommandException;
import dev.muster.queue.control.Mailbox;
import dev.muster.queue.events.EventSender;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.SettingsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running worker: takes tasks from its queues, runs them, stores their results. Made by
/// [Muster#worker()]. Thread-safe.
///
/// **Acknowledgement.** By default a message is acknowledged just before its task runs: a task runs
/// once, twice only if the worker or the connection is lost at this very moment, and is recorded as
/// failed when the worker is stopped in the middle. With `acksLate` it is acknowledged after the
/// result is stored: a task whose worker dies runs again, on this worker or another.
///
/// **Connection lost.** The worker reconnects for ever, with growing delays up to 30 seconds, if
/// the settings `broker_connection_…` say nothing else. Tasks that run go on.
public final class Worker implements AutoCloseable {
    /// On what tasks run.
    public enum Pool {
        /// Platform threads, as many as tasks run at once; right for tasks that compute, and for
        /// hundreds that wait. The default.
        THREADS,
        /// Virtual threads; right for thousands of tasks that wait for others: HTTP, databases,
        /// files.
        VIRTUAL,
        /// Child processes, as Celery's prefork, one for each task that runs at once; right for
        /// tasks that may crash, that leak, or that must be stopped when they take too long. They
        /// have the settings and the tasks of the application, but not what else was given in code:
        /// hooks run in the worker, and objects with tasks are sent if they are serializable, and
        /// otherwise made in each child. Not with `memory:`, which lives in one process.
        PROCESSES,
        /// One platform thread, one task at a time; right for debugging, and for code that must
        /// stay on one thread.
        SOLO
    }

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final int MAX_CONCURRENCY = 100_000;

    private final Builder options;
    private final Supervisor supervisor;
    private final EventSender eventSender;
    private final TaskEvents taskEvents;
    private final WorkerLoop loop;
    private final Optional<Heart> heart;
    private final Optional<Mailbox> mailbox;
    private final Optional<Autoscaler> autoscaler;
    private final Optional<CarrierWatch> carrierWatch;

    private Worker(Builder options) {
        this.options = options;
        // First, as it may refuse.
        var runner = options.runner();
        this.supervisor = options.supervisor();
        this.eventSender = options.muster.events(options.hostname);
        this.taskEvents =
                new TaskEvents(
                        eventSender,
                        options.muster.settings().get(Setting.WORKER_SEND_TASK_EVENTS));
        this.loop =
                new WorkerLoop(
                        options.muster,
                        options.hostname,
                        options.queues(),
                        options.concurrency(),
                        options.prefetchMultiplier,
                        options.pool,
                        runner,
                        supervisor,
                        taskEvents,
                        this::release);
        // Next, as it may refuse as well.
        this.mailbox =
                options.muster.settings().get(Setting.WORKER_ENABLE_REMOTE_CONTROL)
                        ? Optional.of(mailbox())
                        : Optional.empty();
        this.heart =
                options.heartbeat.map(interval ->
                        new Heart(
                                eventSender,
                                loop.roster(),
                                interval,
                                // Of the process, whatever a test says the time is.
                                Timer.of(InstantSource.system(), "heart")));
        this.autoscaler =
                options.autoscale.map(
                        range -> new Autoscaler(loop, range, options.muster.environment().clock()));
        this.carrierWatch =
                options.pool == Pool.VIRTUAL
                        ? Optional.of(new CarrierWatch(options.muster.environment()))
                        : Optional.empty();
        if (options.queues.isEmpty()) {
            warnOfUnreadQueues();
        }
        options.muster.hooks().workerStarted(this);
        mailbox.ifPresent(Mailbox::start);
        loop.start();
        heart.ifPresent(Heart::start);
        carrierWatch.ifPresent(CarrierWatch::start);
        autoscaler.ifPresent(Autoscaler::start);
        mailbox.ifPresent(_ -> Thread.ofVirtual().name("mingle").start(this::mingle));
    }

    /// A task that names a queue waits there for ever when no worker reads it. Who has said which
    /// queues to read has thought of it.
    private void warnOfUnreadQueues() {
        var read = options.queues();
        var unread = new TreeMap<String, Set<String>>();
        for (var task : options.muster.registry().all()) {
            if (task.options().get(Option.QUEUE) instanceof String queue && !read.contains(queue)) {
                unread.computeIfAbsent(queue, _ -> new TreeSet<>()).add(task.name());
            }
        }
        unread.forEach((queue, tasks) ->
                LOG.warn(
                        "this worker does not read the queue {}, to which {} goes; if no other does, start one with -Q {}, or this one with -Q {}",
                        queue,
                        String.join(", ", tasks),
                        queue,
                        String.join(
                                ",",
                                Stream.concat(read.stream().sorted(), Stream.of(queue)).toList())));
    }

    /// Learns from the others which tasks are revoked (celery-wire 8.5). Other than Celery it does
    /// not let tasks wait for that.
    private void mingle() {
        try {
            var arguments = Map.of("from_node", options.hostname, "revoked", Map.of());
            options.muster.control().ask("hello", arguments).values().stream()
                    .map(TaskCommands::revokedIds)
                    .filter(ids -> !ids.isEmpty())
                    .forEach(ids -> supervisor.revoke(Revocation.ofIds(ids, null)));
        } catch (MusterException e) {
            LOG.debug("nobody tells which tasks are revoked: {}", e.getMessage());
        }
    }

    private Mailbox mailbox() {
        var muster = options.muster;
        var table = new CommandTable();
        new TaskCommands(muster, options.hostname, loop.roster(), loop.rateLimits(), supervisor)
                .addTo(table);
        new WorkerCommands(muster, this, loop).addTo(table);
        try {
            for (var own : muster.commands()) {
                table.withOwn(
                        arguments -> own.obey(this, arguments, muster.json()),
                        own.method(),
                        own.names());
            }
        } catch (NotATaskException e) {
            loop.discard();
            eventSender.close();
            supervisor.close();
            throw e;
        }
        return muster.mailbox(options.hostname, table);
    }

    private void release() {
        mailbox.ifPresent(Mailbox::close);
        heart.ifPresent(Heart::close);
        eventSender.close();
        autoscaler.ifPresent(Autoscaler::close);
        carrierWatch.ifPresent(CarrierWatch::close);
        supervisor.close();
        options.muster.hooks().workerStopped(this);
    }

    /// The node name, `muster@host`.
    public String hostname() {
        return options.hostname;
    }

    /// The names of the queues that it reads now.
    public Set<String> queues() {
        return loop.queueNames();
    }

    /// How many messages wait in each of its queues now, and are in no worker's hands. It asks the
    /// broker.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public Map<String, Long> queueLengths() {
        var lengths = new LinkedHashMap<String, Long>();
        queues().forEach(name -> lengths.put(name, options.muster.queueLength(name)));
        return lengths;
    }

    /// How many tasks may run at once now.
    public int concurrency() {
        return loop.concurrency();
    }

    /// How many tasks run now.
    public int running() {
        return loop.roster().active().size();
    }

    /// How many tasks it holds that wait for a slot, or are held to keep their rate.
    public int reserved() {
        return loop.roster().reserved().size();
    }

    /// Changes how many tasks may run at once by so many.
    ///
    /// @throws CommandException when that cannot be
    void resize(int change) {
        if (options.pool == Pool.SOLO) {
            throw new CommandException("a solo worker runs one task at a time");
        }
        if (autoscaler.isPresent()) {
            throw new CommandException("ValueError('the worker is autoscaled')");
        }
        var size = loop.concurrency() + change;
        if (size < 1 || size > MAX_CONCURRENCY) {
            throw new CommandException(
                    "ValueError('from 1 to %d tasks can run at once, not %d')"
                            .formatted(MAX_CONCURRENCY, size));
        }
        loop.resize(size);
    }

    /// Whether monitors are told what happens with each task, from now on.
    ///
    /// @return whether that is a change
    boolean enableEvents(boolean value) {
        return taskEvents.enable(value);
    }

    /// Tells monitors once more that it lives, if it does so at all.
    void beat() {
        heart.ifPresent(Heart::beat);
    }

    /// @throws CommandException when it is not autoscaled, or the range makes no sense
    Autoscaler.Range autoscale(int max, int min) {
        return autoscaler
                .orElseThrow(() -> new CommandException("ValueError('Autoscale not enabled')"))
                .change(max, min);
    }

    /// On what tasks run.
    public Pool pool() {
        return options.pool;
    }

    /// Whether it reads its queues now, and why not. Costs nothing.
    public Health health() {
        return loop.health();
    }

    /// Waits until the worker reads its queues for the first time.
    ///
    /// @return false when it does not by then, or has stopped before
    public boolean awaitReady(Duration timeout) {
        var start = System.nanoTime();
        return loop.awaitReady(timeout)
                && mailbox.map(box ->
                                box.awaitListening(timeout.minusNanos(System.nanoTime() - start)))
                        .orElse(true);
    }

    /// Does not start these tasks any more, neither those that it holds nor those that come in the
    /// next three hours: they end as REVOKED. It remembers 50,000 ids at the most. Other workers
    /// are not told; see [Muster#revoke].
    ///
    /// @param terminate whether to stop those that run, too: each is interrupted, recorded as
    ///   REVOKED, and not waited for
    public void revoke(Collection<String> ids, boolean terminate) {
        supervisor.revoke(Revocation.ofIds(ids, terminate ? Signal.TERM : null));
    }

    /// Starts a task at another rate from now on, as long as this worker runs. Of a rate that
    /// workers share, each is to be told.
    ///
    /// @param task its name
    /// @param rate as [Task#rateLimit()]; empty for no limit
    /// @throws IllegalArgumentException when no such task is registered, or the rate is none
    public void rateLimit(String task, String rate) {
        var definition =
                options.muster
                        .registry()
                        .find(task)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "no task named '%s' is registered here".formatted(task)));
        loop.rateLimits().change(definition, RateLimit.parse(rate));
    }

    /// Takes nothing new from now on, and lets what runs end (warm shutdown); with the setting
    /// `worker_warm_shutdown_timeout` it quits after that time. Returns at once; see
    /// [#awaitStopped].
    public void stop() {
        loop.stop();
    }

    /// Takes nothing new from now on, and quits after the time that the setting
    /// `worker_soft_shutdown_timeout` leaves to what runs (soft shutdown); by default at once.
    public void quitSoftly() {
        loop.quitWithin(options.muster.settings().get(Setting.WORKER_SOFT_SHUTDOWN_TIMEOUT));
    }

    /// Stops at once (cold shutdown): interrupts what runs, and gives late-acknowledged messages
    /// back to the queue. A task whose message was acknowledged before it ran is recorded as failed
    /// with `WorkerLostError`.
    public void quit() {
        loop.quit();
    }

    /// Waits until the worker has stopped, be it by [#stop()], [#quit()] or an error.
    ///
    /// @return false when it has not by then
    /// @throws MusterException when it stopped because the broker refuses it, or no child process
    ///   can be started, so that trying again would not help
    public boolean awaitStopped(Duration timeout) {
        return loop.awaitStopped(timeout);
    }

    /// Stops, and waits for what runs, however long that takes.
    ///
    /// @throws MusterException as [#awaitStopped]
    @Override
    public void close() {
        stop();
        loop.awaitStopped(Duration.ofSeconds(Long.MAX_VALUE));
    }

    /// Says how a worker is to run. Not thread-safe.
    public static final class Builder {
        private final Muster muster;
        private Set<String> queues = Set.of();
        private int concurrency;
        private int prefetchMultiplier;
        private Optional<Autoscaler.Range> autoscale = Optional.empty();
        private Optional<Duration> heartbeat = Optional.of(Duration.ofSeconds(2));
        private Pool pool = Pool.THREADS;
        private ProcessOptions.Builder children = ProcessOptions.builder();
        private @Nullable Path stateFile;
        private String hostname = "muster@" + localHost();

        Builder(Muster muster) {
            this.muster = muster;
            this.concurrency = muster.settings().get(Setting.WORKER_CONCURRENCY);
            this.prefetchMultiplier =
                    muster.settings().get(Setting.WORKER_DISABLE_PREFETCH)
                            ? 1
                            : muster.settings().get(Setting.WORKER_PREFETCH_MULTIPLIER);
            this.stateFile =
                    muster.settings().get(Setting.WORKER_STATE_DB).map(Path::of).orElse(null);
        }

        /// The queues to read; by default those of `task_queues`, or the default queue.
        public Builder queues(String... names) {
            queues = new LinkedHashSet<>(List.of(names));
            return this;
        }

        /// How many tasks run at once; 0 for the number of processors.
        public Builder concurrency(int value) {
            if (value < 0) {
                throw new IllegalArgumentException("concurrency must be >= 0, was " + value);
            }
            concurrency = value;
            return this;
        }

        /// How many messages are fetched ahead, times concurrency; 0 for no limit. 1 together with
        /// late acknowledgement spreads long tasks evenly over workers.
        public Builder prefetchMultiplier(int value) {
            if (value < 0) {
                throw new IllegalArgumentException(
                        "prefetch multiplier must be >= 0, was " + value);
            }
            prefetchMultiplier = value;
            return this;
        }

        /// Lets the worker choose how many tasks run at once: as many as there are to do, between
        /// these. It replaces [#concurrency].
        public Builder autoscale(int max, int min) {
            autoscale = Optional.of(new Autoscaler.Range(max, min));
            concurrency = min;
            return this;
        }

        /// How often monitors, and Python's workers, are told that this worker lives; by default
        /// every two seconds. They take it for dead after two times without.
        ///
        /// @param interval zero for never
        public Builder heartbeat(Duration interval) {
            heartbeat = Optional.of(interval).filter(Duration::isPositive);
            return this;
        }

        /// On what tasks run; by default on platform threads.
        public Builder pool(Pool value) {
            pool = value;
            return this;
        }

        /// How child processes are started: their heap, options of their JVM, their environment.
        /// Their name, their initializer, and when they are replaced (`worker_max_tasks_per_child`,
        /// `worker_max_memory_per_child`) is up to the worker.
        public Builder children(ProcessOptions.Builder options) {
            children = options;
            return this;
        }

        /// The file in which the ids of revoked tasks survive a restart. Each worker needs one of
        /// its own.
        public Builder stateFile(Path file) {
            stateFile = file;
            return this;
        }

        /// The node name, unique among all workers: `name@host`.
        public Builder hostname(String value) {
            hostname = value.contains("@") ? value : value + "@" + localHost();
            return this;
        }

        /// Starts the worker. It returns at once; see [Worker#awaitReady].
        ///
        /// @throws dev.muster.queue.spi.SettingsException when `result_backend` makes no sense, or
        ///   cannot keep a rate limit that is for all workers together, or child processes could
        ///   not see the broker or the store
        /// @throws NotATaskException when child processes cannot have an object with tasks
        public Worker start() {
            var _ = muster.store(); // opened now, not when the first result is lost
            return new Worker(this);
        }

        /// Opens a worker without threads of its own, which runs tasks when it is told to. Of the
        /// options, the queues, the node name and the state file count.
        ///
        /// @throws dev.muster.queue.spi.SettingsException when `result_backend` makes no sense
        /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
        public InlineWorker inline() {
            var _ = muster.store();
            return new InlineWorker(muster, hostname, queues(), supervisor());
        }

        private Supervisor supervisor() {
            var clock = muster.environment().clock();
            return new Supervisor(new RevokedTasks(clock, stateFile), clock);
        }

        private Set<String> queues() {
            return queues.isEmpty() ? muster.queues() : queues;
        }

        private int concurrency() {
            if (pool == Pool.SOLO) {
                return 1;
            }
            return concurrency == 0 ? Runtime.getRuntime().availableProcessors() : concurrency;
        }

        private TaskRunner runner() {
            if (pool != Pool.PROCESSES) {
                return new TaskRunner.Here(muster.json(), muster.environment());
            }
            if (isInMemory(muster.brokerDescription())
                    || isInMemory(muster.resultStoreDescription())) {
                throw new SettingsException(
                        "child processes cannot see memory:, which lives in this process only; give broker_url and result_backend something that they share, such as sqlite:FILE, or run tasks on threads");
            }
            return new TaskProcesses(muster, hostname, children, concurrency());
        }

        private static boolean isInMemory(String description) {
            return description.startsWith("memory:");
        }

        private static String localHost() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }
}
