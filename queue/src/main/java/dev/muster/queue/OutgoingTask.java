package dev.muster.queue;

import dev.muster.queue.message.TaskProtocol;
import dev.muster.queue.spi.Publication;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The message of a task on its way to the broker, as [TaskHooks#publish] sees it. Not thread-safe.
public final class OutgoingTask {
    private final Publication publication;
    private final Map<String, String> added = new LinkedHashMap<>();

    OutgoingTask(Publication publication) {
        this.publication = publication;
    }

    /// The call's id.
    public String id() {
        return String.valueOf(publication.message().headers().get("id"));
    }

    /// The name that the task is called by.
    public String task() {
        return String.valueOf(publication.message().headers().get("task"));
    }

    /// How often the task has been tried before; 0 for a new call.
    public int retries() {
        return publication.message().headers().get("retries") instanceof Number number
                ? number.intValue()
                : 0;
    }

    /// The exchange that it goes through; empty for the default exchange.
    public String exchange() {
        return publication.exchange();
    }

    /// The routing key; with the default exchange the name of a queue.
    public String routingKey() {
        return publication.routingKey();
    }

    /// The headers that it will have, Celery's among them.
    public Map<String, @Nullable Object> headers() {
        var headers = new LinkedHashMap<String, @Nullable Object>(publication.message().headers());
        headers.putAll(added);
        return Collections.unmodifiableMap(headers);
    }

    /// Adds a header, or replaces one that the sender has given. A task finds it in
    /// [TaskContext#headers()], Python in an attribute of `self.request`.
    ///
    /// @throws IllegalArgumentException when Celery or Muster have a header of this name
    public void header(String name, String value) {
        if (TaskProtocol.isOwnHeader(name)) {
            throw new IllegalArgumentException(
                    "the header '%s' belongs to the message; take another name".formatted(name));
        }
        added.put(name, value);
    }

    Publication publication() {
        return added.isEmpty()
                ? publication
                : publication.withMessage(publication.message().withHeaders(headers()));
    }
}
