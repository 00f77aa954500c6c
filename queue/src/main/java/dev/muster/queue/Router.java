package dev.muster.queue;

/// Decides where calls go that do not say it themselves. Must be thread-safe.
///
/// ```java
/// Router byTenant = call -> call.kwargs().get("tenant") instanceof String tenant
///         ? call.queue("tenant-" + tenant) : call;
/// ```
@FunctionalInterface
public interface Router {
    /// @param call one without queue, exchange and routing key
    /// @return the same with one of them, or unchanged, for the next router to decide
    Signature<?> route(Signature<?> call);
}
