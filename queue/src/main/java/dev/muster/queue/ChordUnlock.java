package dev.muster.queue;

import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks whether all members of a chord have ended, and looks again later if not: how chords
/// complete on a result store that does not count (celery-wire 5.7).
final class ChordUnlock {
    static final String NAME = "celery.chord_unlock";

    private final Muster muster;
    private final Followers followers;

    ChordUnlock(Muster muster, String hostname) {
        this.muster = muster;
        this.followers = new Followers(muster, new Recorder(muster, hostname));
    }

    /// The call with which a workflow begins.
    static Signature<?> first(Workflow<?> workflow) {
        return switch (workflow) {
            case Signature<?> call -> call;
            case Chain<?> chain when !chain.steps().isEmpty() -> first(chain.steps().getFirst());
            case Group<?> group when !group.members().isEmpty() ->
                    first(group.members().getFirst());
            case Chord<?> chord -> first(chord.header());
            case Workflow<?> _ -> Signature.of("celery.chord");
        };
    }

    /// @param results the result tuples of the members
    /// @param interval seconds before the next look, if the caller says
    /// @param looks how many more there may be; null for any number
    void look(
            String groupId,
            Map<String, @Nullable Object> callback,
            List<@Nullable Object> results,
            @Nullable Double interval,
            @Nullable Integer looks) {
        var context = TaskContext.current();
        var origin = Origin.of(context.request(), context.priority());
        var body = WorkflowFormat.read(callback);
        var members = new ArrayList<ResultTree>(results.size());
        results.forEach(tuple -> members.add(ResultTree.ofTuple(tuple)));
        var header = new ResultTree.Many(groupId, members, null);
        var records = header.leaves().map(leaf -> muster.store().fetch(leaf.id())).toList();
        var open =
                records.stream()
                        .anyMatch(record ->
                                record.filter(found -> found.state().isReady()).isEmpty());
        if (!open) {
            complete(header, records, body, origin);
        } else if (looks != null && looks <= 0) {
            followers.failChord(groupId, body, "its members have not ended in time", origin);
        } else {
            lookAgain(context, interval, looks);
        }
    }

    private void complete(
            ResultTree.Many header,
            List<Optional<ResultRecord>> records,
            Workflow<?> body,
            Origin origin) {
        var failed =
                records.stream()
                        .flatMap(Optional::stream)
                        .filter(record -> !record.state().equals(State.SUCCESS))
                        .findFirst();
        if (failed.isPresent()) {
            var reason =
                    "Dependency %s raised %s"
                            .formatted(failed.get().taskId(), Failures.repr(failed.get().result()));
            followers.failChord(header.id(), body, reason, origin);
        } else {
            followers.startBody(header.id(), body, followers.nested(header, Map.of()), origin);
        }
    }

    private void lookAgain(
            TaskContext context, @Nullable Double interval, @Nullable Integer looks) {
        var request = context.request();
        var again =
                Signature.of(NAME, request.args().toArray())
                        .kwargs(request.kwargs())
                        .kwarg("max_retries", looks == null ? null : looks - 1)
                        .ignoreResult(true)
                        .id(request.id())
                        .queue(context.routingKey())
                        .countdown(
                                interval == null
                                        ? muster.settings().get(Setting.RESULT_CHORD_RETRY_INTERVAL)
                                        : Duration.ofMillis(Math.round(interval * 1000)));
        throw new ReplaceException(again);
    }
}
