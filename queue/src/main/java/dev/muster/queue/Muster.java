package dev.muster.queue;

import dev.muster.queue.codec.Json;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.control.Control;
import dev.muster.queue.control.Mailbox;
import dev.muster.queue.events.EventReceiver;
import dev.muster.queue.events.EventSender;
import dev.muster.queue.events.LogicalClock;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.message.TaskProtocol;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An application of the task queue: sends tasks, finds their results, and starts workers.
/// Thread-safe; make one and share it.
///
/// ```java
/// try (var muster = Muster.connect()) {
///     Result<Double> rate = muster.send(call(Currency::rate, "EURUSD"));
///     IO.println(rate.get(Duration.ofSeconds(10)));
/// }
/// ```
///
/// **What is promised.** When `send` returns, the broker has the task, and a worker will run it, or
/// record why not. Where the broker was lost in mid-send and the send was tried again, a task may
/// have been published twice, with one id.
public final class Muster implements AutoCloseable {
    /// Of these libraries, such as `1.2.3`. A constant: what is compiled with it keeps that one.
    public static final String VERSION = BuildVersion.PROJECT;

    private static final Logger LOG = LoggerFactory.getLogger(Muster.class);
    private static final ResultStore IGNORED =
            new DisabledResultStore(
                    "the result of this task is ignored; send it with ignoreResult(false) to wait for it");

    private final Environment environment;
    private final Settings settings;
    private final List<Class<?>> taskClasses;
    private final List<TaskObject> taskObjects;
    private final TaskRegistry tasks;
    private final List<CustomCommand> commands;
    private final Failures failures;
    private final Queues queues;
    private final TaskRoutes routes;
    private final Hooks hooks;
    private final Json json;
    private final Serializers serializers;
    private final TaskProtocol protocol;
    private final TaskWriter writer;
    private final PublishRetry retry;
    private final Broker broker;
    private final LogicalClock logicalClock = new LogicalClock();
    private final Dispatcher dispatcher;
    private final Runnable afterSend;
    private final UniqueCalls uniqueCalls;
    private final String origin = "gen%d@%s".formatted(ProcessHandle.current().pid(), hostName());
    private final String replyAddress = UUID.randomUUID().toString();
    private final ReentrantLock opening = new ReentrantLock();
    private volatile @Nullable ResultStore store;
    private volatile @Nullable EventSender events;

    private Muster(Builder builder) {
        this.settings = builder.settings();
        settings.warnings().forEach(LOG::warn);
        this.environment = new Environment(settings, builder.clock, RandomGenerator.getDefault());
        this.taskClasses = List.copyOf(builder.classes);
        this.taskObjects = List.copyOf(builder.objects);
        this.tasks =
                TaskRegistry.of(
                        taskClasses,
                        Stream.concat(
                                        taskObjects.stream(),
                                        Stream.of(TaskObject.of(new BuiltInTasks(() -> this))))
                                .toList());
        this.commands = CustomCommand.of(taskClasses, taskObjects);
        this.failures =
                new Failures(
                        Stream.concat(
                                        builder.exceptions.stream(),
                                        tasks.all().stream()
                                                .flatMap(
                                                        task -> task.declaredExceptions().stream()))
                                .toList());
        this.queues = new Queues(settings);
        this.hooks = new Hooks(builder.hooks);
        this.routes = new TaskRoutes(builder.routers, settings);
        this.json = new Json(settings.get(Setting.JSON_TYPED_VALUES));
        this.serializers = new Serializers(settings, builder.clock);
        this.protocol = new TaskProtocol(serializers);
        this.writer =
                new TaskWriter(protocol, settings, origin, replyAddress, this::replyAddressOfStore);
        this.retry = PublishRetry.of(settings);
        this.broker = Services.broker(environment);
        this.uniqueCalls = new UniqueCalls(this);
        this.dispatcher = new Dispatcher(this, retry);
        this.afterSend = builder.afterSend;
    }

    /// Connects as the settings say: `muster.yaml` in the working directory, overlaid by `MUSTER_…`
    /// environment variables, overlaid by system properties `muster.…`. With none of them: an
    /// embedded queue in the file `.muster/queue.db`.
    ///
    /// @throws dev.muster.queue.spi.SettingsException when they make no sense. A server that cannot
    ///   be reached is noticed at the first use.
    public static Muster connect() {
        return builder().build();
    }

    /// Connects to the broker at this URL, and otherwise as [#connect()].
    public static Muster connect(String brokerUrl) {
        return builder().brokerUrl(brokerUrl).build();
    }

    /// Starts from the settings that [#connect()] uses.
    public static Builder builder() {
        return new Builder();
    }

    /// Sends a task or a workflow of tasks. Within a task, what is sent is that task's child.
    ///
    /// @return the handle of its result; that of a workflow that ends with a group is a
    ///   [GroupResult]
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached, after the
    ///   retries of `task_publish_retry_policy`, or refuses the message
    /// @throws dev.muster.queue.codec.EncodeException when an argument cannot be written
    /// @throws dev.muster.queue.spi.ResultStoreException when a chord is to be counted, or a call
    ///   is unique, and the store cannot be reached
    /// @throws dev.muster.queue.spi.MusterException when the store cannot do what is asked for: one
    ///   that workers cannot read (`rpc://`) with a chord, one that keeps no claims with a unique
    ///   call or an idempotency key
    public <R extends @Nullable Object> Result<R> send(Workflow<R> workflow) {
        return sendAll(List.of(workflow)).getFirst();
    }

    /// Sends calls side by side, as [#send(Workflow)].
    @SuppressWarnings("unchecked") // a group's result is one
    public <E extends @Nullable Object> GroupResult<E> send(Group<E> group) {
        return (GroupResult<E>) send((Workflow<List<E>>) group);
    }

    /// Sends many tasks or workflows, pipelined: much faster than one by one. A thousand are made
    /// ready and sent, then the next thousand, so that neither memory nor the first task waits for
    /// all of them. A [Group] is made ready as a whole before anything of it is sent.
    ///
    /// @return the handles in the same order
    /// @throws dev.muster.queue.spi.MusterException as [#send(Workflow)]; some of the tasks may
    ///   then have been sent
    public <R extends @Nullable Object> List<Result<R>> sendAll(
            Collection<? extends Workflow<? extends R>> workflows) {
        List<ResultTree> results;
        try {
            results = dispatcher.send(workflows);
        } finally {
            afterSend.run(); // some may have been sent also when it throws
        }
        return results.stream().map(this::<R>handle).toList();
    }

    /// Sends a task or a workflow as part of the caller's own database transaction: it is sent if
    /// and when that commits. Only with a broker in that database (`postgresql://`, `sqlite:`).
    ///
    /// A call that is unique ([Task#unique()]) is refused, because its claim would not be undone
    /// with the transaction: send it afterwards, or with [Task.Unique#NO].
    ///
    /// @param transaction a connection to the broker's database, auto-commit off; neither committed
    ///   nor closed here
    /// @throws dev.muster.queue.spi.BrokerException when the broker is in no database, or the
    ///   database refuses
    public <R extends @Nullable Object> Result<R> send(
            Connection transaction, Workflow<R> workflow) {
        return handle(dispatcher.send(transaction, workflow));
    }

    /// With the destination that routers and `task_routes` give it, if it names none itself.
    <R extends @Nullable Object> Signature<R> routed(Signature<R> signature) {
        return routes.apply(signature);
    }

    /// A task that is called by its name, but registered here, is sent as its annotation says.
    <R extends @Nullable Object> Signature<R> withDefaults(Signature<R> signature) {
        return tasks.find(signature.task())
                .map(task -> signature.withDefaults(task.options()))
                .orElse(signature);
    }

    /// Opening the queue for replies is a part of sending, so it is tried as often.
    String replyAddressOfStore() {
        var address = new AtomicReference<>(replyAddress);
        retry.run(environment, () -> store().replyAddress().ifPresent(address::set));
        return address.get();
    }

    private <R extends @Nullable Object> Result<R> handle(String id, Type type, boolean ignored) {
        return handle(new ResultTree.One(id, type, ignored, null));
    }

    @SuppressWarnings("unchecked") // the tree was made of a workflow together with R
    <R extends @Nullable Object> Result<R> handle(ResultTree results) {
        return (Result<R>) handles().of(results);
    }

    Results handles() {
        return new Results(this::store, IGNORED, json, failures, this::revoke);
    }

    /// The handle of a task that was sent before, here or elsewhere. An unknown id is PENDING, as
    /// nobody can tell it from a task that waits.
    ///
    /// @param type what the task returns
    public <R> Result<R> result(String id, Class<R> type) {
        return handle(id, type, false);
    }

    /// The handle of a task that returns a generic type: `result(id, new TypeRef<List<Integer>>()
    /// {})`.
    public <R> Result<R> result(String id, TypeRef<R> type) {
        return handle(id, type.type(), false);
    }

    /// The handle of a group that was saved with [GroupResult#save()], here or elsewhere; empty
    /// when nothing is saved under this id.
    ///
    /// @param type what each of its tasks returns
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked, or keeps
    ///   no groups
    @SuppressWarnings("unchecked") // the caller says so
    public <E> Optional<GroupResult<E>> groupResult(String id, Class<E> type) {
        return handles().restore(id, type).map(group -> (GroupResult<E>) group);
    }

    /// What the store knows of a task, as plain data; empty for an unknown id.
    public Optional<ResultRecord> resultRecord(String id) {
        return store().fetch(id);
    }

    /// A workflow that was sent, as a picture, with the state that each task has now.
    ///
    /// What was kept with [Result#save()] is drawn as a whole. Otherwise it is what the records of
    /// the tasks tell: what comes before this task, and what all these have sent so far; it lacks
    /// the header of a chord that begins the workflow, but for one task, and the bodies of chords
    /// other than those that come before this task. Names and arguments are known with
    /// `result_extended`.
    ///
    /// @param id of a task, or of a group that was saved
    /// @return empty when the store knows nothing of it
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be asked
    public Optional<WorkflowGraph> graph(String id) {
        return ResultDrawing.of(id, store());
    }

    /// Tells all workers that listen now not to start these tasks any more; each ends as REVOKED
    /// when a worker comes to it. Workers remember for three hours, 50,000 ids at the most. Also
    /// Python workers hear it, and Java workers hear Python's.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public void revoke(String... ids) {
        revoke(Revocation.ofIds(List.of(ids), null));
    }

    /// Tells all workers as [#revoke], and to stop those of the tasks that run. Java workers
    /// interrupt the task, record it as REVOKED, and do not wait for its end; Python workers kill
    /// its process.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public void terminate(String... ids) {
        terminate(Signal.TERM, ids);
    }

    /// Tells all workers as [#terminate(String...)].
    ///
    /// @param signal for tasks that run in a process of their own
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public void terminate(Signal signal, String... ids) {
        revoke(Revocation.ofIds(List.of(ids), signal));
    }

    /// Tells all workers that listen now not to start tasks any more that have one of these values
    /// under this name among their stamps ([Workflow#stamp]): those that wait, and those that come.
    /// Workers remember as for [#revoke], 50,000 values at the most. Python's workers know this
    /// since Celery 5.3.
    ///
    /// @param values compared with the value of the stamp; where that is a list, with each item
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public void revokeByStamp(String name, Object... values) {
        revoke(new Revocation(stamps(name, values), null));
    }

    /// Tells all workers as [#revokeByStamp], and to stop those of the tasks that run.
    ///
    /// @param signal for tasks that run in a process of their own
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public void terminateByStamp(Signal signal, String name, Object... values) {
        revoke(new Revocation(stamps(name, values), signal));
    }

    private Revocation.Target stamps(String name, Object... values) {
        return new Revocation.Target.Stamps(
                Map.of(name, Revocation.each(json.toPlain(List.of(values)))));
    }

    private void revoke(Revocation revocation) {
        retry.run(environment, () -> control().tell(revocation.method(), revocation.arguments()));
    }

    /// Commands to the workers that listen now: which they are, what they do, and what they shall
    /// do instead.
    public Control control() {
        return new Control(broker, serializers, logicalClock, settings);
    }

    LogicalClock logicalClock() {
        return logicalClock;
    }

    /// Hears all events from now on: what workers, and clients with `task_send_sent_event`, tell of
    /// themselves and of tasks. Python's are among them.
    ///
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    public EventReceiver receiveEvents() {
        return new EventReceiver(broker, serializers, logicalClock, settings);
    }

    /// Tells of a node.
    EventSender events(String node) {
        return new EventSender(broker, serializers, logicalClock, environment, node);
    }

    /// Tells of this client. Opened at first use.
    EventSender events() {
        var open = events;
        if (open != null) {
            return open;
        }
        opening.lock();
        try {
            if (events == null) {
                events = events(origin);
            }
            return events;
        } finally {
            opening.unlock();
        }
    }

    Mailbox mailbox(String node, Mailbox.Obedience obedience) {
        return new Mailbox(broker, serializers, logicalClock, settings, node, obedience);
    }

    /// Prepares a worker for the tasks registered here.
    public Worker.Builder worker() {
        return new Worker.Builder(this);
    }

    /// Prepares a beat, which sends tasks at the times of a schedule.
    ///
    /// @throws dev.muster.queue.spi.SettingsException when `beat_schedule` makes no sense
    public Beat.Builder beat() {
        return new Beat.Builder(this);
    }

    /// Opens the schedule that beats keep, to read and change it; the caller closes it.
    ///
    /// @throws dev.muster.queue.spi.SettingsException when `beat_schedule_store` makes no sense
    public Schedules schedules() {
        return new Schedules(this);
    }

    /// The tasks that workers of this application can run, as `name(parameters)`, sorted; without
    /// those that every worker of Celery has.
    public List<String> tasks() {
        return tasks.all().stream()
                .filter(task -> !task.name().startsWith("celery."))
                .map(TaskDefinition::toString)
                .toList();
    }

    /// Whether workers of this application can run a task of that name, or one that has it among
    /// its aliases.
    public boolean hasTask(String name) {
        return tasks.find(name).isPresent();
    }

    /// The queues that a worker reads when it is not told otherwise.
    public Set<String> queues() {
        return queues.toConsume();
    }

    /// How many messages wait in a queue; 0 for one that does not exist.
    public long queueLength(String queue) {
        return broker.length(queue);
    }

    /// Removes all messages that wait in a queue. They are lost.
    ///
    /// @return how many there were
    public long purge(String queue) {
        return broker.purge(queue);
    }

    /// The broker, for people, password masked.
    public String brokerDescription() {
        return broker.description();
    }

    /// The result store, for people, password masked.
    public String resultStoreDescription() {
        return store().description();
    }

    public Settings settings() {
        return settings;
    }

    Environment environment() {
        return environment;
    }

    Broker broker() {
        return broker;
    }

    Hooks hooks() {
        return hooks;
    }

    List<Class<?>> taskClasses() {
        return taskClasses;
    }

    List<TaskObject> taskObjects() {
        return taskObjects;
    }

    TaskRegistry registry() {
        return tasks;
    }

    List<CustomCommand> commands() {
        return commands;
    }

    TaskProtocol protocol() {
        return protocol;
    }

    TaskWriter writer() {
        return writer;
    }

    Json json() {
        return json;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    UniqueCalls uniqueCalls() {
        return uniqueCalls;
    }

    Failures failures() {
        return failures;
    }

    Queues queueDirectory() {
        return queues;
    }

    /// Opened at first use: a program that only sends, and ignores results, needs none.
    ResultStore store() {
        var open = store;
        if (open != null) {
            return open;
        }
        opening.lock();
        try {
            if (store == null) {
                store = Services.resultStore(environment, broker);
            }
            return store;
        } finally {
            opening.unlock();
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /// Frees the connections. Workers must be closed before. Tasks that were sent are not affected;
    /// who still waits for a result gets a [dev.muster.queue.spi.ResultStoreException].
    @Override
    public void close() {
        try (broker) { // last, as a store may send through it
            var sender = events;
            if (sender != null) {
                sender.close();
            }
            var open = store;
            if (open != null) {
                open.close();
            }
        }
    }

    /// Collects what an application is made of. Not thread-safe.
    public static final class Builder {
        private final List<Class<?>> classes = new ArrayList<>();
        private final List<TaskObject> objects = new ArrayList<>();
        private final List<Class<?>> exceptions = new ArrayList<>();
        private final List<Router> routers = new ArrayList<>();
        private final List<TaskHooks> hooks = new ArrayList<>();
        private @Nullable Settings settings;
        private InstantSource clock = InstantSource.system();
        private Runnable afterSend = () -> {};

        private Builder() {}

        /// Read when they are first wanted, as they may be replaced before.
        private Settings settings() {
            if (settings == null) {
                settings =
                        Settings.load(
                                Path.of("muster.yaml"), System.getenv(), System.getProperties());
            }
            return settings;
        }

        /// Where tasks are sent, for example `redis://localhost:6379/0`.
        public Builder brokerUrl(String url) {
            return set(Setting.BROKER_URL.name(), url);
        }

        /// Where results are kept.
        public Builder resultBackend(String url) {
            return set(Setting.RESULT_BACKEND.name(), url);
        }

        /// Changes any setting by its name.
        ///
        /// @throws dev.muster.queue.spi.SettingsException when there is no such setting, or the
        ///   value does not fit
        public Builder set(String name, Object value) {
            settings = settings().with(name, value);
            return this;
        }

        /// Replaces all settings, also those from file and environment, which are not even read
        /// when this comes first.
        public Builder settings(Settings value) {
            settings = value;
            return this;
        }

        /// Decides where calls go that do not say it, before `task_routes`. The first router that
        /// decides counts.
        public Builder route(Router... values) {
            routers.addAll(List.of(values));
            return this;
        }

        /// What is to be done around all tasks.
        public Builder hooks(TaskHooks... values) {
            hooks.addAll(List.of(values));
            return this;
        }

        /// Tells the time to client, workers, brokers and stores, instead of the system's clock;
        /// for tests.
        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        /// Has this done after each [Muster#send] but those in a transaction of the caller, before
        /// that returns or throws, on the same thread; for tests, which let an [InlineWorker] run
        /// the task then. What it throws, `send` throws.
        public Builder afterSend(Runnable action) {
            afterSend = action;
            return this;
        }

        /// Registers the tasks among the static methods of these classes and their nested classes.
        public Builder tasks(Class<?>... types) {
            classes.addAll(List.of(types));
            return this;
        }

        /// Registers the tasks among the methods of these objects.
        public Builder register(Object... values) {
            Stream.of(values).map(TaskObject::of).forEach(objects::add);
            return this;
        }

        /// Registers the tasks among the methods of an object that is there only later: it is asked
        /// for each time that one of them is to be run, and is a `type`.
        public <T> Builder register(Class<T> type, Supplier<? extends T> object) {
            objects.add(new TaskObject(type, object));
            return this;
        }

        /// Allows these exceptions to be rebuilt as the cause of a [TaskFailedException]. Each
        /// needs a constructor that takes its message, or nothing.
        public Builder exceptions(Class<?>... types) {
            exceptions.addAll(List.of(types));
            return this;
        }

        /// @throws dev.muster.queue.spi.SettingsException when settings make no sense
        /// @throws NotATaskException when something registered cannot be a task
        public Muster build() {
            return new Muster(this);
        }
    }
}
