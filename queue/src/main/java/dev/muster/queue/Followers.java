package dev.muster.queue;

import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.GroupStore.Member;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Completes chords, fails what waits for a task that has failed, and calls error callbacks
/// (celery-wire 5.3 to 5.7), for all tasks of a worker. Thread-safe.
final class Followers {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// How often to look whether another, who has the same chord in hand, is done with it. Only
    /// after a redelivery do two have it in hand.
    private static final Duration CLAIM_CHECK = Duration.ofSeconds(1);

    /// Soon enough that a claim on a chord, which lasts half a minute, outlives a slow publication.
    private static final Duration CLAIM_RENEWAL = Duration.ofSeconds(10);

    private final Muster muster;
    private final Recorder recorder;

    Followers(Muster muster, Recorder recorder) {
        this.muster = muster;
        this.recorder = recorder;
    }

    /// Why a task failed, as the wire has it and as Java has it.
    ///
    /// @param described the exception map
    record Failure(
            Map<String, @Nullable Object> described, @Nullable String traceback, Throwable cause) {
        static Failure of(Throwable cause) {
            return new Failure(Failures.describe(cause), Failures.traceback(cause), cause);
        }

        /// A failure that Python has a name for.
        static Failure of(String type, String module, String message) {
            return of(Failures.describe(type, module, List.of(message)));
        }

        static Failure of(Map<String, @Nullable Object> described) {
            return new Failure(described, null, new MusterException(Failures.repr(described)));
        }
    }

    Dispatcher dispatcher() {
        return muster.dispatcher();
    }

    <R extends @Nullable Object> Result<R> handle(ResultTree results) {
        return muster.handle(results);
    }

    /// A group of what was made before; unlike [Canvas#group(List)] it leaves its members as they
    /// are.
    static Group<?> group(List<Workflow<?>> members) {
        return new Group<>(members, Map.of());
    }

    void expectOneMore(String groupId) {
        var groups =
                muster.store()
                        .groups()
                        .orElseThrow(() ->
                                new ResultStoreException(
                                        "%s counts no chords, so none can be added to"
                                                .formatted(muster.store().description()),
                                        null));
        groups.expectOneMore(groupId);
    }

    /// A member of a chord has ended. The last one brings about the body.
    void arrived(
            String groupId,
            Member member,
            @Nullable Integer index,
            Workflow<?> body,
            Origin origin) {
        // A store that does not count has an unlock task looking at it.
        muster.store()
                .groups()
                .ifPresent(groups -> {
                    var count =
                            recorder.patiently(
                                    "the end of task " + member.taskId(),
                                    () -> groups.arrive(groupId, member, index));
                    while (count instanceof GroupStore.Count.Claimed) {
                        pause();
                        count = recorder.patiently("chord " + groupId, () -> groups.count(groupId));
                    }
                    if (count instanceof GroupStore.Count.Complete(var members)) {
                        // While the broker is away, publishing is tried for longer than a claim
                        // lasts, and a second body must not be sent meanwhile.
                        try (var _ =
                                new Renewal(
                                        "the claim on chord " + groupId,
                                        CLAIM_RENEWAL,
                                        muster.environment(),
                                        () -> groups.renew(groupId))) {
                            complete(groupId, members, body, groups, origin);
                        }
                        recorder.patiently(
                                "the end of chord " + groupId,
                                () -> {
                                    groups.finish(groupId);
                                    return Optional.empty();
                                });
                    }
                });
    }

    private void pause() {
        try {
            muster.environment().sleep(CLAIM_CHECK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while another worker completes the chord");
        }
    }

    private void complete(
            String groupId,
            List<Member> members,
            Workflow<?> body,
            GroupStore groups,
            Origin origin) {
        var failed =
                members.stream()
                        .filter(member -> !member.state().equals(State.SUCCESS))
                        .findFirst();
        if (failed.isPresent()) {
            var reason =
                    "Dependency %s raised %s"
                            .formatted(failed.get().taskId(), Failures.repr(failed.get().value()));
            failChord(groupId, body, reason, origin);
            return;
        }
        startBody(groupId, body, values(groupId, members, groups), origin);
    }

    /// Sends the body of a chord.
    void startBody(String groupId, Workflow<?> body, List<@Nullable Object> values, Origin origin) {
        try {
            dispatcher().follow(body, List.of(values), null, origin);
        } catch (MusterException e) {
            failChord(
                    groupId,
                    body,
                    "Callback error: " + Failures.repr(Failures.describe(e)),
                    origin);
        }
    }

    /// Flat, in order; nested as the members are when the sender has saved that.
    private List<@Nullable Object> values(String groupId, List<Member> members, GroupStore groups) {
        var saved = recorder.patiently("chord " + groupId, () -> groups.fetch(groupId));
        if (saved.isPresent()
                && ResultTree.ofTuple(saved.get()) instanceof ResultTree.Many header) {
            var byId = new HashMap<String, @Nullable Object>();
            members.forEach(member -> byId.put(member.taskId(), member.value()));
            return nested(header, byId);
        }
        var values = new ArrayList<@Nullable Object>(members.size());
        members.forEach(member -> values.add(member.value()));
        return values;
    }

    /// The values of a group, nested as its members are; from the store those that are not given.
    List<@Nullable Object> nested(ResultTree.Many group, Map<String, @Nullable Object> byId) {
        var values = new ArrayList<@Nullable Object>(group.members().size());
        for (var member : group.members()) {
            values.add(
                    switch (member) {
                        case ResultTree.Many many -> nested(many, byId);
                        case ResultTree.One one ->
                                byId.containsKey(one.id())
                                        ? byId.get(one.id())
                                        : muster.store()
                                                .fetch(one.id())
                                                .orElseThrow(() ->
                                                        new MusterException(
                                                                "the result of task %s is gone"
                                                                        .formatted(one.id())))
                                                .result();
                    });
        }
        return values;
    }

    /// The body of a chord fails, because it cannot be started.
    void failChord(String groupId, Workflow<?> body, String reason, Origin origin) {
        LOG.error("Chord {} failed: {}", LogText.of(groupId), LogText.of(reason));
        var cause =
                new TaskFailedException(
                        idOf(body), "celery.exceptions.ChordError", List.of(reason), null, null);
        var failure = new Failure(Failures.chordError(reason), null, cause);
        abandon(body, State.FAILURE, failure, origin);
        callErrbacks(errbacks(body), request(body), failure, origin);
    }

    private static String idOf(Workflow<?> body) {
        return switch (body) {
            case Chain<?> chain when !chain.steps().isEmpty() -> idOf(chain.steps().getFirst());
            case Chord<?> chord -> idOf(chord.body());
            case Workflow<?> other -> other.option(Option.TASK_ID).orElse("");
        };
    }

    /// The error callbacks of what would have started.
    private static List<Workflow<?>> errbacks(Workflow<?> body) {
        var own = body.option(Option.LINK_ERROR).map(Links::workflows).orElse(List.of()).stream();
        Stream<Workflow<?>> inner =
                switch (body) {
                    case Signature<?> _ -> Stream.empty();
                    case Chain<?> chain ->
                            chain.steps().stream()
                                    .limit(1)
                                    .flatMap(step -> errbacks(step).stream());
                    case Group<?> group ->
                            group.members().stream().flatMap(member -> errbacks(member).stream());
                    case Chord<?> chord -> errbacks(chord.body()).stream();
                };
        return List.copyOf(new LinkedHashSet<>(Stream.concat(own, inner).toList()));
    }

    /// The call that an error callback sees when a body has not even become a message.
    private static TaskRequest request(Workflow<?> body) {
        var call =
                body instanceof Signature<?> signature ? signature : Signature.of("celery.chord");
        return new TaskRequest(
                idOf(body),
                call.task(),
                call.args(),
                call.kwargs(),
                Map.of(),
                TaskRequest.Embed.NOTHING,
                Optional.empty(),
                Optional.empty(),
                0,
                TaskRequest.TimeLimit.NONE,
                body.option(Option.ROOT_ID),
                body.option(Option.PARENT_ID),
                body.option(Option.GROUP_ID),
                body.option(Option.GROUP_INDEX),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                body.option(Option.REPLY_TO),
                Optional.empty());
    }

    /// Records that tasks will never run, because one before them has failed. A chord that waits
    /// for one of them counts it.
    void abandon(Workflow<?> workflow, State state, Failure failure, Origin origin) {
        switch (workflow) {
            case Signature<?> call -> abandonCall(call, state, failure, origin);
            case Chain<?> chain ->
                    chain.steps().forEach(step -> abandon(step, state, failure, origin));
            case Group<?> group ->
                    group.members().forEach(member -> abandon(member, state, failure, origin));
            case Chord<?> chord -> {
                abandon(chord.header(), state, failure, origin);
                abandon(chord.body(), state, failure, origin);
            }
        }
        workflow.option(Option.CHAIN)
                .ifPresent(next ->
                        next.workflows().forEach(later -> abandon(later, state, failure, origin)));
    }

    private void abandonCall(Signature<?> call, State state, Failure failure, Origin origin) {
        var id = call.option(Option.TASK_ID);
        if (id.isEmpty()) {
            return; // nobody can know of it
        }
        var replyTo = call.option(Option.REPLY_TO).orElse(origin.replyTo());
        recorder.abandoned(id.get(), state, failure.described(), failure.traceback(), replyTo);
        var group = call.option(Option.GROUP_ID);
        var chord = call.option(Option.CHORD);
        if (group.isPresent() && chord.isPresent()) {
            arrived(
                    group.get(),
                    new Member(id.get(), state, failure.described()),
                    call.option(Option.GROUP_INDEX).orElse(null),
                    chord.get().workflow(),
                    origin);
        }
    }

    /// Calls error callbacks: methods for the purpose at once, all others as tasks with the id of
    /// the failed one (celery-wire 5.5).
    void callErrbacks(
            List<Workflow<?>> errbacks, TaskRequest failed, Failure failure, Origin origin) {
        var toSend = new ArrayList<Workflow<?>>();
        for (var errback : errbacks) {
            var handler =
                    errback instanceof Signature<?> call
                            ? muster.registry()
                                    .find(call.task())
                                    .filter(TaskDefinition::isErrorHandler)
                            : Optional.<TaskDefinition>empty();
            if (handler.isPresent()) {
                handle(handler.get(), failed, failure);
            } else {
                toSend.add(errback);
            }
        }
        if (toSend.isEmpty()) {
            return;
        }
        var place =
                new Origin(
                        failed.id(),
                        failed.rootId().orElse(failed.id()),
                        origin.replyTo(),
                        origin.priority(),
                        origin.stamps());
        var args = Collections.<@Nullable Object>singletonList(failed.id());
        try {
            dispatcher().follow(group(toSend), args, null, place);
        } catch (MusterException e) {
            LOG.error(
                    "error callbacks of task {} were not sent: {}",
                    LogText.of(failed.id()),
                    e.getMessage());
        }
    }

    private static void handle(TaskDefinition handler, TaskRequest failed, Failure failure) {
        try {
            handler.handleError(
                    failed,
                    failure.cause(),
                    failure.traceback() == null ? "" : failure.traceback());
        } catch (Throwable e) { // user code may throw anything, and the worker lives on
            LOG.error(
                    "error callback {} of task {} failed",
                    handler.name(),
                    LogText.of(failed.id()),
                    e);
        }
    }
}
