package dev.muster.queue;

import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Setting;
import java.util.Map;

/// A task that has come to a worker, with what its message and the settings say about its run.
///
/// @param aftermath what follows it
/// @param logFields what the log shows of it
/// @param acksLate whether its message is acknowledged when it has ended, and not before it runs
/// @param ignoresResult whether nobody wants its result
record ReceivedTask(
        TaskDefinition definition,
        TaskRequest request,
        Delivery delivery,
        TaskContext context,
        Aftermath aftermath,
        Map<String, String> logFields,
        boolean acksLate,
        boolean ignoresResult) {
    static ReceivedTask of(
            Workplace workplace,
            TaskDefinition definition,
            TaskRequest request,
            Delivery delivery,
            Aftermath aftermath) {
        var muster = workplace.muster();
        var settings = muster.settings();
        var context =
                new TaskContext(
                        request,
                        DeliveryInfo.of(delivery),
                        workplace.hostname(),
                        (state, meta) ->
                                workplace
                                        .recorder()
                                        .progress(request, state, muster.json().toPlain(meta)),
                        aftermath);
        return new ReceivedTask(
                definition,
                request,
                delivery,
                context,
                aftermath,
                LogContext.fields(request),
                definition.acksLate(settings.get(Setting.TASK_ACKS_LATE)),
                request.ignoreResult()
                        .orElseGet(() ->
                                definition.ignoresResult(
                                        settings.get(Setting.TASK_IGNORE_RESULT))));
    }

    String id() {
        return request.id();
    }

    /// Has what the calling thread logs bear the ids of this task.
    LogContext logContext() {
        return LogContext.open(logFields);
    }

    /// As the log names it.
    @Override
    public String toString() {
        return "%s[%s]"
                .formatted(LogText.of(request.shadow().orElse(request.task())), LogText.of(id()));
    }
}
