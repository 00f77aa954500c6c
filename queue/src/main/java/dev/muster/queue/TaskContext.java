package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// What a running task can know of its own call. A task asks for it by a parameter of this type,
/// or, deeper in its code, by [#current()]. Thread-safe.
public final class TaskContext {
    static final ScopedValue<TaskContext> CURRENT = ScopedValue.newInstance();

    private final TaskRequest request;
    private final DeliveryInfo delivery;
    private final String hostname;
    private final States states;
    private final Aftermath aftermath;

    /// What the task has sent so far, for the record of its result.
    private final Queue<ResultTree> sent = new ConcurrentLinkedQueue<>();

    /// What hooks keep here. Replaced as a whole, by whoever holds this object's lock.
    private volatile Map<Class<?>, Object> attachments = Map.of();

    private volatile @Nullable Duration queueTime;

    /// By [System#nanoTime()], when they are there. The end is written before the outcome is told.
    private volatile @Nullable Long runStart;

    private volatile @Nullable Long runEnd;

    /// The soft time limit, once it has passed. Written by the timer, read by the task.
    private volatile @Nullable Duration exceeded;

    TaskContext(
            TaskRequest request,
            DeliveryInfo delivery,
            String hostname,
            States states,
            Aftermath aftermath) {
        this.request = request;
        this.delivery = delivery;
        this.hostname = hostname;
        this.states = states;
        this.aftermath = aftermath;
    }

    /// The context of the task that the calling thread runs.
    ///
    /// @throws NoSuchElementException outside of a task
    public static TaskContext current() {
        return CURRENT.orElseThrow(
                () -> new NoSuchElementException("no task is running on this thread"));
    }

    /// The call's id.
    public String id() {
        return request.id();
    }

    /// The name that the task was called by.
    public String task() {
        return request.task();
    }

    /// The message as the worker read it, with everything else that it carries.
    public TaskRequest request() {
        return request;
    }

    /// How often the task has been tried before.
    public int retries() {
        return request.retries();
    }

    /// The message's priority; null when it has none.
    public @Nullable Integer priority() {
        return delivery.priority();
    }

    /// All headers of the message, the sender's own among them.
    public Map<String, @Nullable Object> headers() {
        return request.headers();
    }

    /// The first task of the workflow that this call belongs to; the call itself when it stands
    /// alone.
    public String rootId() {
        return request.rootId().orElse(request.id());
    }

    /// The task that sent this one.
    public Optional<String> parentId() {
        return request.parentId();
    }

    /// How long the call has waited for its run, in its queue and in the worker: since it was sent,
    /// or since the time before which it was not to start. Empty when the message does not tell
    /// when it was sent, as Python's do not. Sender and worker each look at their own clock.
    public Optional<Duration> queueTime() {
        return Optional.ofNullable(queueTime);
    }

    /// How long the task has run: until now, or until its end. Zero before it runs.
    public Duration runTime() {
        var start = runStart;
        var end = runEnd;
        if (start == null) {
            return Duration.ZERO;
        }
        return Duration.ofNanos((end == null ? System.nanoTime() : end) - start);
    }

    /// Keeps something with this run, for [TaskHooks] that want it again later.
    ///
    /// @param type what finds it again; a class of the hooks' own, so that nobody else has it
    public synchronized <T> void attach(Class<T> type, T value) {
        var more = new LinkedHashMap<>(attachments);
        more.put(type, value);
        attachments = more;
    }

    /// What was kept with this run.
    public <T> Optional<T> attached(Class<T> type) {
        return Optional.ofNullable(attachments.get(type)).map(type::cast);
    }

    /// The node name of the worker, `muster@host`.
    public String hostname() {
        return hostname;
    }

    /// The exchange that the message came through; empty for the default exchange.
    public String exchange() {
        return delivery.exchange();
    }

    public String routingKey() {
        return delivery.routingKey();
    }

    /// What to throw so that this call is tried again after [Task#retryDelay()].
    public RetryException retry() {
        return new RetryException(null, null, null);
    }

    /// What to throw so that this call is tried again after the delay: `throw
    /// task.retry(ofSeconds(30))`.
    public RetryException retry(Duration delay) {
        return new RetryException(new Moment.After(delay), null, null);
    }

    /// What to throw so that this call is tried again after [Task#retryDelay()].
    ///
    /// @param cause what the call fails with when it may not be tried again
    public RetryException retry(Throwable cause) {
        return new RetryException(null, null, cause);
    }

    /// What to throw so that this call is tried again after the delay.
    ///
    /// @param cause what the call fails with when it may not be tried again
    public RetryException retry(Duration delay, Throwable cause) {
        return new RetryException(new Moment.After(delay), null, cause);
    }

    /// What to throw to end without anything being stored: the record stays as it is, such as the
    /// task has left it with [#state].
    public IgnoreException ignore() {
        return new IgnoreException();
    }

    /// What to throw to give the message up without anything being stored. It works with late
    /// acknowledgement only ([Task#acksLate()]).
    ///
    /// @param requeue whether it goes back to its queue, to be run again soon, and not to the
    ///   dead-letter exchange
    public RejectException reject(boolean requeue) {
        return new RejectException(requeue, null);
    }

    /// Stores a state of the task's own, which clients see until the next one, or the end.
    ///
    /// @param name in upper case, such as `UPLOADED`; none of those that Celery knows but `STARTED`
    ///   and `PENDING`
    /// @param meta what clients read with it, such as a map; plain data, as a result is
    /// @throws dev.muster.queue.codec.EncodeException when it cannot be written
    /// @throws dev.muster.queue.spi.ResultStoreException when the result store cannot be reached
    public void state(String name, @Nullable Object meta) {
        var state = new State(name);
        if (state.isReady() || state.equals(State.RETRY)) {
            throw new IllegalArgumentException(
                    "the worker stores %s when the task ends; a task sets states of its own"
                            .formatted(name));
        }
        states.store(state, meta);
    }

    /// Stores the state `PROGRESS`, with `{"progress": fraction, "message": message}`.
    ///
    /// @param fraction how much is done, from 0 to 1
    /// @param message what is being done, for people
    /// @throws dev.muster.queue.spi.ResultStoreException when the result store cannot be reached
    public void progress(double fraction, String message) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("progress goes from 0 to 1, was " + fraction);
        }
        var meta = new LinkedHashMap<String, @Nullable Object>();
        meta.put("progress", fraction);
        meta.put("message", message);
        state("PROGRESS", meta);
    }

    /// Whether the broker has delivered the message before, so that the task may have run already,
    /// in full or in part.
    public boolean redelivered() {
        return delivery.redelivered();
    }

    /// Whether the soft time limit has passed. The thread was interrupted then; who computes and
    /// never waits asks now and then.
    public boolean isSoftTimeLimitExceeded() {
        return exceeded != null;
    }

    /// Ends a task that computes and never waits.
    ///
    /// @throws SoftTimeLimitExceededException when the soft time limit has passed
    public void checkTimeLimit() {
        var limit = exceeded;
        if (limit != null) {
            throw new SoftTimeLimitExceededException(limit, null);
        }
    }

    /// A slot has it.
    void takenUp(Instant now) {
        queueTime =
                request.sentAt()
                        .map(sent -> request.eta().filter(sent::isBefore).orElse(sent))
                        .map(since -> Duration.between(since, now))
                        .map(wait -> wait.isNegative() ? Duration.ZERO : wait)
                        .orElse(null);
    }

    void runs(long nanoTime) {
        runStart = nanoTime;
    }

    void hasRun(long nanoTime) {
        runEnd = nanoTime;
    }

    void softTimeLimitExceeded(Duration limit) {
        exceeded = limit;
    }

    /// What to throw so that a workflow is done in place of this task: `throw task.replace(…)`. It
    /// gets the id of this task, and its place in chain, group and chord, so that who waits for
    /// this task waits for the workflow.
    public ReplaceException replace(Workflow<?> workflow) {
        return new ReplaceException(workflow);
    }

    /// Sends a workflow as one more member of the chord in whose header this task is: the body
    /// waits for it, too, and gets its value beside this task's.
    ///
    /// @throws IllegalStateException when this task is in no chord
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached
    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be reached, or does
    ///   not count chords
    public <R extends @Nullable Object> Result<R> addToChord(Workflow<R> workflow) {
        return aftermath.addToChord(workflow);
    }

    DeliveryInfo delivery() {
        return delivery;
    }

    void addSent(ResultTree results) {
        sent.add(results);
    }

    List<ResultTree> sent() {
        return List.copyOf(sent);
    }

    /// Where a task's own states go.
    @FunctionalInterface
    interface States {
        void store(State state, @Nullable Object meta);
    }
}
