package dev.muster.queue.message;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call of a task as it travels: the content of a task message, whichever protocol it came in.
///
/// @param id the task's id; unique text, by custom a UUID
/// @param task the task's name
/// @param args positional arguments: any values when sending, plain data when read
/// @param kwargs keyword arguments, likewise
/// @param headers all headers of the message as read; when sending, the user's own. Not copied, as
///   every message that is read has some twenty: who makes a request changes them no more
/// @param embed what shall follow the task
/// @param eta not to be started before
/// @param expires not to be started after
/// @param retries how often it has been tried before
/// @param timeLimit the limits on its run time
/// @param rootId the first task of the workflow
/// @param parentId the task that sent this one
/// @param group the group that it belongs to
/// @param groupIndex its place in the group
/// @param origin the node that sent it
/// @param shadow the name to show in logs instead of the task's
/// @param ignoreResult whether its outcome is not stored; empty when the message does not say
/// @param replyTo the sender's reply address
/// @param correlationId the id that replies carry
public record TaskRequest(
        String id,
        String task,
        List<@Nullable Object> args,
        Map<String, @Nullable Object> kwargs,
        Map<String, @Nullable Object> headers,
        Embed embed,
        Optional<Instant> eta,
        Optional<Instant> expires,
        int retries,
        TimeLimit timeLimit,
        Optional<String> rootId,
        Optional<String> parentId,
        Optional<String> group,
        Optional<Integer> groupIndex,
        Optional<String> origin,
        Optional<String> shadow,
        Optional<Boolean> ignoreResult,
        Optional<String> replyTo,
        Optional<String> correlationId) {
    /// The header that tells when the message was sent, in seconds since 1970, by the sender's
    /// clock. Celery knows none.
    static final String SENT_AT = "sent_at";

    /// After the year 9999, as no clock tells it.
    private static final double LATEST_SECOND = 1e12;

    public TaskRequest {
        args = Collections.unmodifiableList(new ArrayList<>(args));
        kwargs = Collections.unmodifiableMap(new LinkedHashMap<>(kwargs));
        headers = Collections.unmodifiableMap(headers);
    }

    /// When the message was sent, by the sender's clock; empty when it does not tell, as those of
    /// Python do not.
    public Optional<Instant> sentAt() {
        return headers.get(SENT_AT) instanceof Number seconds
                        && Math.abs(seconds.doubleValue()) < LATEST_SECOND
                ? Optional.of(Instant.ofEpochMilli(Math.round(seconds.doubleValue() * 1000)))
                : Optional.empty();
    }

    /// This call, to be tried again: the same in everything but the number of retries and its time.
    ///
    /// @param start when, at the earliest
    public TaskRequest retry(Instant start) {
        return later(start, retries + 1, Optional.of(parentId.orElse(id)));
    }

    /// This call, to be looked at again: the same in everything but its time.
    ///
    /// @param start when, at the earliest
    public TaskRequest postponed(Instant start) {
        return later(start, retries, parentId);
    }

    private TaskRequest later(Instant start, int tries, Optional<String> parent) {
        var kept = new LinkedHashMap<String, @Nullable Object>(headers);
        kept.keySet().removeIf(TaskRequest::isOfOneMessage);
        return new TaskRequest(
                id,
                task,
                args,
                kwargs,
                kept,
                embed,
                Optional.of(start),
                expires,
                tries,
                timeLimit,
                rootId,
                parent,
                group,
                groupIndex,
                origin,
                shadow,
                ignoreResult,
                replyTo,
                correlationId);
    }

    /// Headers that tell of one message and not of the task: how its body is written, and what a
    /// broker has noted on its way.
    private static boolean isOfOneMessage(String header) {
        return header.equals("compression")
                || header.equals(SENT_AT)
                || header.equals("x-death")
                || header.startsWith("x-first-death-")
                || header.startsWith("x-last-death-")
                || header.equals("x-delivery-count");
    }

    /// What shall follow a task: signatures in Celery's dictionary form.
    ///
    /// @param callbacks to call with the result
    /// @param errbacks to call after a failure
    /// @param chain the steps after this one, the next step last
    /// @param chord the body of the chord whose header the task is in
    public record Embed(
            List<@Nullable Object> callbacks,
            List<@Nullable Object> errbacks,
            List<@Nullable Object> chain,
            @Nullable Object chord) {
        public static final Embed NOTHING = new Embed(List.of(), List.of(), List.of(), null);

        public boolean isNothing() {
            return equals(NOTHING);
        }
    }

    /// Limits on the run time, in seconds; null for none.
    public record TimeLimit(@Nullable Double hard, @Nullable Double soft) {
        public static final TimeLimit NONE = new TimeLimit(null, null);
    }
}
