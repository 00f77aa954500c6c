package dev.muster.queue;

import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Delivery;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a running task can know of its own call. A task asks for it by a parameter of this type,
/// or, deeper in its code, by [#current()]. Immutable.
public final class TaskContext {
    static final ScopedValue<TaskContext> CURRENT = ScopedValue.newInstance();

    private final TaskRequest request;
    private final Delivery delivery;
    private final String hostname;

    TaskContext(TaskRequest request, Delivery delivery, String hostname) {
        this.request = request;
        this.delivery = delivery;
        this.hostname = hostname;
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

    /// Whether the broker has delivered the message before, so that the task may have run already,
    /// in full or in part.
    public boolean redelivered() {
        return delivery.redelivered();
    }
}
