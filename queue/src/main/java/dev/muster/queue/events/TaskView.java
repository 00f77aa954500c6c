package dev.muster.queue.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A task as its events tell of it, at one moment. Texts come from messages, so they may hold
/// anything, control characters among it; long ones are cut.
///
/// @param id its uuid
/// @param name empty as long as only its start or its end was heard of
/// @param state as Celery's monitors name it: `PENDING` (sent), `RECEIVED`, `STARTED`, `RETRY`,
///   `REJECTED`, `SUCCESS`, `FAILURE`, `REVOKED`, or what else a worker tells, in capitals
/// @param updated when it came into that state, by the clock of who has told it
/// @param worker the node that had it last; empty when it was only sent
/// @param client the node that has sent it
/// @param args as Python would print them
/// @param kwargs as Python would print them
/// @param retries how often it had been tried again when it was last received
/// @param result as Python would print it
/// @param exception of its last failure or retry
/// @param traceback of its last failure or retry
/// @param runtime of its success
/// @param times when each thing happened to it last: `sent`, `received`, `started`, …
/// @param others what else was told of it: `root_id`, `parent_id`, `eta`, `queue`, `signum`, …
/// @param revision of the [ClusterState] that this is news since
public record TaskView(
        String id,
        Optional<String> name,
        String state,
        Instant updated,
        Optional<String> worker,
        Optional<String> client,
        Optional<String> args,
        Optional<String> kwargs,
        long retries,
        Optional<String> result,
        Optional<String> exception,
        Optional<String> traceback,
        Optional<Duration> runtime,
        Map<String, Instant> times,
        Map<String, Object> others,
        long revision) {

    public TaskView {
        times = Collections.unmodifiableMap(new LinkedHashMap<>(times));
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    /// Whether it has come to its end.
    public boolean isReady() {
        return TaskHistory.READY.contains(state);
    }
}
