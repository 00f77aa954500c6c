package dev.muster.queue;

import dev.muster.queue.Signature.Body;
import dev.muster.queue.Signature.Links;
import dev.muster.queue.Signature.Option;
import dev.muster.queue.Signature.Stamps;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Makes calls of workflows, to be sent one by one (celery-wire 5.2 to 5.6). Used once, by one
/// thread.
///
/// First a workflow is frozen: each task of it gets its id, so that the results are known before
/// anything is sent. Then it is unrolled: what can start now becomes calls to be sent, and what
/// comes later stands in their options `chain` and `chord`, as signatures. A worker unrolls what it
/// finds there in the same way; ids that are given already stay.
final class Unroller {
    /// Options with a meaning of their own here. All others of a composite are handed to its calls.
    private static final Set<Option<?>> STRUCTURAL =
            Set.of(
                    Option.TASK_ID,
                    Option.GROUP_ID,
                    Option.GROUP_INDEX,
                    Option.CHORD,
                    Option.CHAIN,
                    Option.LINK,
                    Option.LINK_ERROR,
                    Option.ROOT_ID,
                    Option.PARENT_ID,
                    Option.REPLY_TO);

    private final Origin origin;
    private final @Nullable String replyTo;
    private final Predicate<Signature<?>> ignoresResult;
    private final boolean headersHaveErrbacks;
    private final List<Signature<?>> calls = new ArrayList<>();
    private final List<Count> counts = new ArrayList<>();

    /// @param replyTo the address that calls get which have none
    /// @param headersHaveErrbacks whether the error callbacks of a chord are those of its members,
    ///   too
    Unroller(
            Origin origin,
            @Nullable String replyTo,
            Predicate<Signature<?>> ignoresResult,
            boolean headersHaveErrbacks) {
        this.headersHaveErrbacks = headersHaveErrbacks;
        this.origin = origin;
        this.replyTo = replyTo;
        this.ignoresResult = ignoresResult;
    }

    /// A chord whose members are to be counted from now on.
    ///
    /// @param size how many must end
    /// @param header the results of its members
    record Count(ResultTree.Many header, long size, Workflow<?> body) {}

    /// A workflow whose tasks have ids.
    ///
    /// @param results where its results will be
    private record Frozen(Workflow<?> workflow, ResultTree results) {}

    /// What the surroundings of a workflow demand of its last task.
    private record Place(
            @Nullable String id,
            @Nullable String groupId,
            @Nullable Integer index,
            @Nullable Body chord) {
        static final Place ALONE = new Place(null, null, null, null);

        /// The chain's own options say more about its last step than its surroundings do.
        Place orOf(Workflow<?> workflow) {
            return new Place(
                    workflow.option(Option.TASK_ID).orElse(id),
                    workflow.option(Option.GROUP_ID).orElse(groupId),
                    workflow.option(Option.GROUP_INDEX).orElse(index),
                    chord != null ? chord : workflow.option(Option.CHORD).orElse(null));
        }
    }

    /// A workflow on its way.
    ///
    /// @param results where its results will be
    /// @param started those of the tasks that are sent now
    record Started(ResultTree results, ResultTree started) {}

    /// Plans a workflow.
    ///
    /// @param args come before the arguments of what starts now, unless that is complete
    /// @param chain what comes after, the next step last; null to leave that to the workflow
    Started start(Workflow<?> workflow, List<@Nullable Object> args, @Nullable Links chain) {
        var frozen = freeze(workflow, Place.ALONE);
        unroll(frozen.workflow, args, chain);
        return new Started(frozen.results, started(frozen));
    }

    /// The calls to be sent, with all that they need in their options.
    List<Signature<?>> calls() {
        return calls;
    }

    List<Count> counts() {
        return counts;
    }

    private ResultTree started(Frozen frozen) {
        return switch (frozen.workflow) {
            case Signature<?> _, Group<?> _ -> frozen.results.withParent(null);
            case Chain<?> chain ->
                    chain.steps().isEmpty()
                            ? frozen.results
                            : started(freeze(chain.steps().getFirst(), Place.ALONE));
            case Chord<?> chord -> freeze(chord.header(), Place.ALONE).results;
        };
    }

    private Frozen freeze(Workflow<?> workflow, Place place) {
        return switch (workflow) {
            case Signature<?> call -> freezeCall(call, place);
            case Chain<?> chain -> freezeChain(chain, place);
            case Group<?> group -> freezeGroup(group, place);
            case Chord<?> chord -> freezeChord(chord, place);
        };
    }

    private Frozen freezeCall(Signature<?> call, Place place) {
        Workflow<?> frozen =
                call.withDefault(Option.TASK_ID, place.id == null ? newId() : place.id)
                        .withDefault(Option.GROUP_ID, place.groupId)
                        .withDefault(Option.GROUP_INDEX, place.index)
                        .withDefault(Option.REPLY_TO, replyTo);
        if (place.chord != null) {
            frozen = frozen.with(Option.CHORD, place.chord);
        }
        var results =
                new ResultTree.One(
                        frozen.option(Option.TASK_ID).orElseThrow(),
                        call.resultType(),
                        ignoresResult.test(call),
                        null);
        return new Frozen(frozen, results);
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }

    private Frozen freezeChain(Chain<?> chain, Place given) {
        var place = given.orOf(chain);
        var frozen = new ArrayList<Workflow<?>>();
        ResultTree results = null;
        var steps = steps(chain);
        for (var index = 0; index < steps.size(); index++) {
            var isLast = index == steps.size() - 1;
            var step = freeze(steps.get(index), isLast ? place : Place.ALONE);
            frozen.add(step.workflow);
            results = results == null ? step.results : step.results.after(results);
        }
        var left = new LinkedHashMap<Option<?>, Object>();
        chain.option(Option.CHAIN).ifPresent(next -> left.put(Option.CHAIN, next));
        return new Frozen(
                new Chain<>(frozen, left),
                // Nothing happens in an empty chain: its result is that of an empty group.
                results == null ? new ResultTree.Many(newId(), List.of(), null) : results);
    }

    /// The steps by Celery's rules: chains in the chain are spliced, a group and what follows is a
    /// chord.
    private static List<Workflow<?>> steps(Chain<?> chain) {
        var flat = new ArrayList<Workflow<?>>();
        for (var step : chain.steps()) {
            if (step instanceof Chain<?> inner) {
                flat.addAll(steps(inner));
            } else {
                flat.add(step);
            }
        }
        if (flat.isEmpty()) {
            return flat;
        }
        flat.set(0, inheriting(flat.getFirst(), chain));
        for (var callback : linked(chain, Option.LINK_ERROR)) {
            flat.replaceAll(step -> step.onError(callback));
        }
        for (var callback : linked(chain, Option.LINK)) {
            if (!(flat.getLast() instanceof Group)) {
                flat.set(flat.size() - 1, flat.getLast().link(callback));
            }
        }
        var joined = new ArrayDeque<Workflow<?>>();
        for (var step : flat.reversed()) {
            var next = joined.peekFirst();
            if (next != null && step instanceof Group<?> group) {
                joined.removeFirst();
                // As Celery has it, a group of one that something follows is its member.
                if (group.members().size() == 1) {
                    joined.addFirst(next);
                    joined.addFirst(group.members().getFirst());
                } else {
                    joined.addFirst(Chain.join(group, next));
                }
            } else if (next != null
                    && step instanceof Chord<?> chord
                    && chord.body() instanceof Group) {
                joined.removeFirst();
                joined.addFirst(Chain.join(chord, next));
            } else {
                joined.addFirst(step);
            }
        }
        return List.copyOf(joined);
    }

    private static List<Workflow<?>> linked(Workflow<?> workflow, Option<Links> option) {
        return workflow.option(option).map(Links::workflows).orElse(List.of());
    }

    /// With the options of the composite that it is a part of.
    private static Workflow<?> inheriting(Workflow<?> part, Workflow<?> whole) {
        var changed = new LinkedHashMap<>(part.options());
        whole.options()
                .forEach((option, value) -> {
                    if (!STRUCTURAL.contains(option)) {
                        changed.put(option, value);
                    }
                });
        return changed.equals(part.options()) ? part : part.withOptions(changed);
    }

    private Frozen freezeGroup(Group<?> group, Place given) {
        var place = given.orOf(group);
        var id = place.id == null ? newId() : place.id;
        // In the header of a chord each of them counts there, and not in a group of its own.
        var counted = place.chord != null;
        var frozen = new ArrayList<Workflow<?>>();
        var results = new ArrayList<ResultTree>();
        for (var member : flat(group)) {
            var each =
                    freeze(
                            member,
                            counted
                                    ? new Place(null, place.groupId, frozen.size(), place.chord)
                                    : new Place(null, null, frozen.size(), null));
            frozen.add(each.workflow);
            results.add(each.results);
        }
        var options = new LinkedHashMap<Option<?>, Object>();
        options.put(Option.TASK_ID, id);
        group.option(Option.CHAIN).ifPresent(next -> options.put(Option.CHAIN, next));
        return new Frozen(new Group<>(frozen, options), new ResultTree.Many(id, results, null));
    }

    /// Groups in a group are members of the outer one.
    private static List<Workflow<?>> flat(Group<?> group) {
        var flat = new ArrayList<Workflow<?>>();
        for (var member : group.members()) {
            if (member instanceof Group<?> inner) {
                flat.addAll(flat(inner));
            } else {
                flat.add(member);
            }
        }
        flat.replaceAll(member -> inheriting(member, group));
        for (var callback : linked(group, Option.LINK_ERROR)) {
            flat.replaceAll(member -> member.onError(callback));
        }
        return flat;
    }

    private Frozen freezeChord(Chord<?> chord, Place given) {
        Workflow<?> body = inheriting(chord.body(), chord);
        for (var callback : linked(chord, Option.LINK_ERROR)) {
            body = body.onError(callback);
        }
        Workflow<?> members = chord.header();
        if (headersHaveErrbacks) {
            for (var callback : linked(ChordUnlock.first(body), Option.LINK_ERROR)) {
                members = members.onError(callback);
            }
        }
        var header = freezeGroup((Group<?>) members, Place.ALONE);
        for (var callback : linked(chord, Option.LINK)) {
            body = body.link(callback);
        }
        var frozen = freeze(body, given.orOf(chord));
        var options = new LinkedHashMap<Option<?>, Object>();
        chord.option(Option.CHAIN).ifPresent(next -> options.put(Option.CHAIN, next));
        return new Frozen(
                new Chord<>((Group<?>) header.workflow, named(frozen), options),
                frozen.results.after(header.results));
    }

    /// A chain as the body of a chord bears the id of its last step: by that a Python worker
    /// records that a member has failed. Without, Celery 5.2 fails to do so
    /// (`fail_from_current_stack` in `celery/backends/base.py` gets the id None), and whoever waits
    /// is never told.
    private static Workflow<?> named(Frozen body) {
        return body.workflow instanceof Chain<?> chain
                        && body.results instanceof ResultTree.One last
                ? chain.withDefault(Option.TASK_ID, last.id())
                : body.workflow;
    }

    private void unroll(Workflow<?> frozen, List<@Nullable Object> args, @Nullable Links given) {
        var chain = given == null ? frozen.option(Option.CHAIN).orElse(null) : given;
        switch (frozen) {
            case Signature<?> call -> send(call.prepended(args), chain);
            case Chain<?> steps -> unrollChain(steps.steps(), args, chain);
            case Group<?> group -> {
                var id = group.option(Option.TASK_ID).orElseThrow();
                unrollMembers(group.members(), args, new Place(null, id, null, null), chain);
            }
            case Chord<?> chord -> unrollChord(chord, args, chain);
        }
    }

    private void unrollChain(
            List<Workflow<?>> steps, List<@Nullable Object> args, @Nullable Links chain) {
        if (steps.isEmpty()) {
            return;
        }
        var later = new ArrayList<Workflow<?>>();
        if (chain != null) {
            later.addAll(chain.workflows());
        }
        later.addAll(steps.subList(1, steps.size()).reversed());
        unroll(steps.getFirst(), args, new Links(later));
    }

    /// @return their results
    private List<ResultTree> unrollMembers(
            List<Workflow<?>> members,
            List<@Nullable Object> args,
            Place place,
            @Nullable Links chain) {
        var results = new ArrayList<ResultTree>(members.size());
        for (var member : members) {
            var frozen =
                    freeze(member, new Place(null, place.groupId, results.size(), place.chord));
            unroll(frozen.workflow, args, chain);
            results.add(frozen.results);
        }
        return results;
    }

    private void unrollChord(Chord<?> chord, List<@Nullable Object> args, @Nullable Links chain) {
        Workflow<?> body = chord.body();
        if (chain != null && !chain.workflows().isEmpty()) {
            var later = new ArrayList<>(chain.workflows());
            later.addAll(linked(body, Option.CHAIN));
            body = body.with(Option.CHAIN, new Links(later));
        }
        var header = chord.header();
        if (header.members().isEmpty()) {
            unroll(body, List.of(List.of()), null);
            return;
        }
        var id = header.option(Option.TASK_ID).orElseThrow();
        var results =
                unrollMembers(
                        header.members(), args, new Place(null, id, null, new Body(body)), null);
        var size = header.members().stream().mapToLong(Unroller::size).sum();
        counts.add(new Count(new ResultTree.Many(id, results, null), size, body));
    }

    /// How many tasks of it count in the chord whose member it is.
    private static long size(Workflow<?> member) {
        return switch (member) {
            case Signature<?> _ -> 1;
            case Chain<?> chain ->
                    chain.steps().reversed().stream()
                            .mapToLong(Unroller::size)
                            .filter(size -> size > 0)
                            .findFirst()
                            .orElse(0);
            case Group<?> group -> group.members().stream().mapToLong(Unroller::size).sum();
            case Chord<?> chord -> size(chord.body());
        };
    }

    private void send(Signature<?> given, @Nullable Links chain) {
        var stamps = new LinkedHashMap<String, @Nullable Object>(origin.stamps());
        stamps.putAll(given.option(Option.STAMPS).map(Stamps::values).orElse(stamps));
        Workflow<?> call =
                given.withDefault(Option.REPLY_TO, origin.replyTo())
                        .withDefault(Option.PRIORITY, origin.priority());
        if (chain != null) {
            call = call.with(Option.CHAIN, chain);
        }
        if (origin.parentId() != null) {
            call = call.with(Option.PARENT_ID, origin.parentId());
        }
        if (origin.rootId() != null) {
            call = call.with(Option.ROOT_ID, origin.rootId());
        }
        if (!stamps.isEmpty()) {
            call = call.with(Option.STAMPS, new Stamps(stamps));
        }
        calls.add((Signature<?>) call);
    }
}
