package dev.muster.queue;

import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Backoff;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what became of tasks into the result store (celery-wire 4.2, 4.6), and tries again while
/// the store is away.
final class Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// Longer than a restart of the store takes. A message that is acknowledged late goes back to
    /// its queue after that.
    private static final int DEFAULT_TRIES = 12;

    /// What a task fails with that was stopped in the middle.
    static final String STOPPED = "the worker was stopped while the task ran";

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final Muster muster;
    private final Settings settings;
    private final String hostname;
    private final int tries;

    Recorder(Muster muster, String hostname) {
        this.muster = muster;
        this.settings = muster.settings();
        this.hostname = hostname;
        this.tries =
                settings.get(Setting.RESULT_BACKEND_ALWAYS_RETRY)
                        ? settings.get(Setting.RESULT_BACKEND_MAX_RETRIES)
                                .map(Math::incrementExact)
                                .orElse(Integer.MAX_VALUE)
                        : DEFAULT_TRIES;
    }

    /// Tries once only.
    void started(TaskRequest request) {
        var where = new LinkedHashMap<String, @Nullable Object>();
        where.put("pid", ProcessHandle.current().pid());
        where.put("hostname", hostname);
        store(record(request, State.STARTED, where, null), replyTo(request), 1);
    }

    /// @param children the results of what the task has sent
    /// @throws EncodeException when the value cannot be written
    void success(TaskRequest request, @Nullable Object value, List<ResultTree> children) {
        var record = record(request, State.SUCCESS, value, null);
        if (!children.isEmpty()) {
            var others = new LinkedHashMap<String, @Nullable Object>(record.others());
            others.put("children", children.stream().map(ResultTree::toTuple).toList());
            record =
                    new ResultRecord(
                            record.taskId(),
                            record.state(),
                            record.result(),
                            null,
                            record.dateDone(),
                            others);
        }
        store(record, replyTo(request), tries);
    }

    /// A task that will never run, because one before it has failed.
    void abandoned(
            String taskId,
            State state,
            Map<String, @Nullable Object> failure,
            @Nullable String traceback,
            @Nullable String replyTo) {
        store(
                new ResultRecord(
                        taskId,
                        state,
                        failure,
                        traceback,
                        muster.environment().clock().instant(),
                        Map.of()),
                replyTo,
                tries);
    }

    void failure(TaskRequest request, Throwable cause) {
        store(request, State.FAILURE, Failures.describe(cause), Failures.traceback(cause));
    }

    /// A failure that Python has a name for.
    void failure(TaskRequest request, String type, String module, String message) {
        store(request, State.FAILURE, Failures.describe(type, module, List.of(message)), null);
    }

    /// A failure of a message of which no more could be read than its task's id.
    void refused(String taskId, @Nullable String replyTo, String reason) {
        store(
                new ResultRecord(
                        taskId,
                        State.FAILURE,
                        Failures.describe("DecodeError", "kombu.exceptions", List.of(reason)),
                        null,
                        muster.environment().clock().instant(),
                        Map.of()),
                replyTo,
                tries);
    }

    /// A state that the task itself has set. Tries once only: the task may try again.
    void progress(TaskRequest request, State state, @Nullable Object meta) {
        store(record(request, state, meta, null), replyTo(request), 1);
    }

    /// It will be tried again. Tries once only, as the message must not wait for it.
    ///
    /// @param cause why, if the task says
    void retry(TaskRequest request, @Nullable Throwable cause) {
        var described =
                cause == null
                        ? Failures.describe("Retry", "celery.exceptions", List.of())
                        : Failures.describe(cause);
        var traceback = cause == null ? null : Failures.traceback(cause);
        store(record(request, State.RETRY, described, traceback), replyTo(request), 1);
    }

    /// @param reason `expired`, `revoked` or `terminated`
    void revoked(TaskRequest request, String reason) {
        store(request, State.REVOKED, Failures.revoked(reason), null);
    }

    void timedOut(TaskRequest request, Duration limit) {
        store(request, State.FAILURE, Failures.timedOut(limit), null);
    }

    /// The process died that the task ran in.
    void lost(TaskRequest request, String reason) {
        store(request, State.FAILURE, Failures.workerLost(reason), null);
    }

    /// The task was stopped in the middle. Tries once only, as the worker is about to end.
    void stopped(TaskRequest request) {
        store(
                record(request, State.FAILURE, Failures.workerLost(STOPPED), null),
                replyTo(request),
                1);
    }

    private void store(
            TaskRequest request, State state, @Nullable Object result, @Nullable String traceback) {
        store(record(request, state, result, traceback), replyTo(request), tries);
    }

    private static @Nullable String replyTo(TaskRequest request) {
        return request.replyTo().orElse(null);
    }

    private ResultRecord record(
            TaskRequest request, State state, @Nullable Object result, @Nullable String traceback) {
        return new ResultRecord(
                request.id(),
                state,
                result,
                traceback,
                state.isReady() ? muster.environment().clock().instant() : null,
                others(request));
    }

    private Map<String, @Nullable Object> others(TaskRequest request) {
        var others = new LinkedHashMap<String, @Nullable Object>();
        others.put("children", List.of());
        request.group().ifPresent(group -> others.put("group_id", group));
        request.parentId().ifPresent(parent -> others.put("parent_id", parent));
        if (settings.get(Setting.RESULT_EXTENDED)) {
            others.put("name", request.task());
            if (isWritable(request)) {
                others.put("args", request.args());
                others.put("kwargs", request.kwargs());
            }
            others.put("worker", hostname);
            others.put("retries", request.retries());
        }
        return others;
    }

    /// Python may send what no record can hold, such as NaN. That is no reason to lose the result.
    private boolean isWritable(TaskRequest request) {
        try {
            var _ = muster.json().write(List.of(request.args(), request.kwargs()));
            return true;
        } catch (EncodeException e) {
            return false;
        }
    }

    private void store(ResultRecord record, @Nullable String replyTo, int tries) {
        patiently(
                "the result of task " + record.taskId(),
                tries,
                () -> {
                    muster.store().store(record, replyTo);
                    return Optional.empty();
                });
    }

    /// Does something with the store, again and again while it is away.
    ///
    /// @param what is stored, for messages
    <T> T patiently(String what, Supplier<T> action) {
        return patiently(what, tries, action);
    }

    private <T> T patiently(String what, int tries, Supplier<T> action) {
        for (var attempt = 1; ; attempt++) {
            try {
                return action.get();
            } catch (EncodeException e) {
                throw e;
            } catch (MusterException e) {
                if (attempt == tries) {
                    throw new ResultStoreException(
                            "%s could not be stored: %s".formatted(what, e.getMessage()), e);
                }
                var delay = BACKOFF.delay(attempt - 1);
                LOG.warn(
                        "{} is not stored yet, trying again in {} ms: {}",
                        LogText.of(what),
                        delay.toMillis(),
                        e.getMessage());
                pause(delay);
            }
        }
    }

    private void pause(Duration delay) {
        try {
            muster.environment().sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while the result store was away");
        }
    }
}
