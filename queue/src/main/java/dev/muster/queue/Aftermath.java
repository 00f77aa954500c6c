package dev.muster.queue;

import dev.muster.queue.Signature.Body;
import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What comes after one task, as its message says: callbacks, the next step of its chain, error
/// callbacks, the count of its chord (celery-wire 5.3).
///
/// The order is Celery's. After a success: what follows is sent, then the result is stored, then
/// the chord counts. After a failure: the result is stored, the chord counts, what would have
/// followed is recorded as failed, the error callbacks are sent.
final class Aftermath {
    private final Followers followers;
    private final Dispatcher dispatcher;
    private final TaskRequest request;
    private final Plan plan;
    private final Origin origin;

    /// Reads what shall follow a task.
    ///
    /// @param priority of its message, which calls that have none of their own inherit when
    ///   `task_inherit_parent_priority` says so
    /// @throws dev.muster.queue.codec.DecodeException when it holds something else than workflows
    static Aftermath of(
            Followers followers,
            TaskRequest request,
            Settings settings,
            @Nullable Integer priority) {
        var inherited = settings.get(Setting.TASK_INHERIT_PARENT_PRIORITY) ? priority : null;
        return new Aftermath(followers, request, Plan.of(request.embed()), inherited);
    }

    /// @param priority of calls that have none of their own
    Aftermath(Followers followers, TaskRequest request, Plan plan, @Nullable Integer priority) {
        this.followers = followers;
        this.dispatcher = followers.dispatcher();
        this.request = request;
        this.plan = plan;
        this.origin = Origin.of(request, priority);
    }

    /// What a message says shall follow.
    ///
    /// @param chain the next step last
    /// @param chord the body of the chord that the task counts for
    record Plan(
            List<Workflow<?>> callbacks,
            List<Workflow<?>> errbacks,
            List<Workflow<?>> chain,
            @Nullable Workflow<?> chord) {
        private static final Plan NOTHING = new Plan(List.of(), List.of(), List.of(), null);

        /// @throws dev.muster.queue.codec.DecodeException when it holds something else than
        ///   workflows
        static Plan of(TaskRequest.Embed embed) {
            if (embed.isNothing()) {
                return NOTHING;
            }
            return new Plan(
                    WorkflowFormat.readAll("callbacks", embed.callbacks()),
                    WorkflowFormat.readAll("errbacks", embed.errbacks()),
                    WorkflowFormat.readAll("chain", embed.chain()),
                    embed.chord() == null ? null : WorkflowFormat.read(embed.chord()));
        }
    }

    /// Whether nothing follows.
    boolean isNothing() {
        return plan.equals(Plan.NOTHING);
    }

    /// Sends the callbacks and the next step of the chain.
    ///
    /// @return the results of what was sent
    /// @throws MusterException when something cannot be sent
    List<ResultTree> succeeded(@Nullable Object value) {
        var sent = new ArrayList<ResultTree>();
        var args = Collections.<@Nullable Object>singletonList(value);
        if (plan.callbacks.size() == 1) {
            sent.add(dispatcher.follow(plan.callbacks.getFirst(), args, null, origin));
        } else if (!plan.callbacks.isEmpty()) {
            var singles = new ArrayList<Workflow<?>>();
            for (var callback : plan.callbacks) {
                if (callback instanceof Group) {
                    sent.add(dispatcher.follow(callback, args, null, origin));
                } else {
                    singles.add(callback);
                }
            }
            if (!singles.isEmpty()) {
                sent.add(dispatcher.follow(Followers.group(singles), args, null, origin));
            }
        }
        if (!plan.chain.isEmpty()) {
            var later = plan.chain.subList(0, plan.chain.size() - 1);
            sent.add(dispatcher.follow(plan.chain.getLast(), args, new Links(later), origin));
        }
        return sent;
    }

    /// The result is stored: the chord counts it.
    void recorded(State state, @Nullable Object value) {
        var group = request.group();
        if (plan.chord != null && group.isPresent()) {
            followers.arrived(
                    group.get(),
                    new GroupStore.Member(request.id(), state, value),
                    request.groupIndex().orElse(null),
                    plan.chord,
                    origin);
        }
    }

    /// The failure is stored: so have failed those that would have followed.
    ///
    /// @param state FAILURE, or REVOKED, which calls no error callbacks
    void failed(State state, Followers.Failure failure) {
        recorded(state, failure.described());
        plan.chain.forEach(step -> followers.abandon(step, state, failure, origin));
        if (state.equals(State.FAILURE)) {
            followers.callErrbacks(plan.errbacks, request, failure, origin);
        }
    }

    /// Sends another workflow in place of the task: under its id, with all that follows it.
    ///
    /// @throws MusterException when it cannot take its place, or cannot be sent
    void replace(Workflow<?> given) {
        Workflow<?> workflow = withPlace(given);
        var nesting =
                request.headers().get(Option.NESTING.name()) instanceof Number number
                        ? number.intValue()
                        : 0;
        workflow =
                workflow.withEach(call -> call.with(Option.NESTING, nesting + 1))
                        .withLast(call -> call.with(Option.TASK_ID, request.id()));
        for (var callback : plan.callbacks) {
            workflow = workflow.link(callback);
        }
        for (var errback : plan.errbacks) {
            workflow = workflow.onError(errback);
        }
        var place =
                new Origin(
                        request.parentId().orElse(request.id()),
                        origin.rootId(),
                        origin.replyTo(),
                        origin.priority(),
                        origin.stamps());
        dispatcher.follow(
                workflow, List.of(), plan.chain.isEmpty() ? null : new Links(plan.chain), place);
    }

    /// Sends another workflow as one more member of the chord in which the task is.
    ///
    /// @throws IllegalStateException when the task is in no chord
    <R extends @Nullable Object> Result<R> addToChord(Workflow<R> given) {
        if (plan.chord == null || request.group().isEmpty()) {
            throw new IllegalStateException(
                    "task %s is in no chord that another could be added to"
                            .formatted(request.id()));
        }
        followers.expectOneMore(request.group().get());
        return followers.handle(dispatcher.followFully(withPlace(given), origin));
    }

    /// With the task's own place in its chord.
    private Workflow<?> withPlace(Workflow<?> given) {
        if (given.option(Option.CHORD).isPresent()) {
            throw new MusterException("what is in a chord already cannot be put into another");
        }
        if (given instanceof Chain<?> chain && chain.steps().isEmpty()) {
            throw new MusterException("an empty chain cannot be sent in place of a task");
        }
        return Group.withSingleEnd(given).withLast(this::placed);
    }

    private Signature<?> placed(Signature<?> call) {
        var placed = call;
        if (request.group().isPresent()) {
            placed = placed.with(Option.GROUP_ID, request.group().get());
        }
        if (request.groupIndex().isPresent()) {
            placed = placed.with(Option.GROUP_INDEX, request.groupIndex().get());
        }
        return plan.chord == null ? placed : placed.with(Option.CHORD, new Body(plan.chord));
    }
}
