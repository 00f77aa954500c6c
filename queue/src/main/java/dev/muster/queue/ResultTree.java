package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the results of a workflow will be: ids, as a tree. On the wire it is Celery's result tuple
/// (celery-wire 4.5).
sealed interface ResultTree {
    String id();

    /// What comes before it in the workflow.
    @Nullable ResultTree parent();

    ResultTree withParent(@Nullable ResultTree parent);

    /// The result of one task.
    ///
    /// @param isIgnored whether it is not stored
    /// @param unique what became of the call, if an equal one was there; NO if it was sent
    record One(
            String id,
            Type type,
            boolean isIgnored,
            @Nullable ResultTree parent,
            Task.Unique unique)
            implements ResultTree {
        /// Of a call that was sent.
        One(String id, Type type, boolean isIgnored, @Nullable ResultTree parent) {
            this(id, type, isIgnored, parent, Task.Unique.NO);
        }

        @Override
        public One withParent(@Nullable ResultTree parent) {
            return new One(id, type, isIgnored, parent, unique);
        }
    }

    /// The results of a group.
    record Many(String id, List<ResultTree> members, @Nullable ResultTree parent)
            implements ResultTree {
        public Many {
            members = List.copyOf(members);
        }

        @Override
        public Many withParent(@Nullable ResultTree parent) {
            return new Many(id, members, parent);
        }
    }

    static One one(String id) {
        return new One(id, Object.class, false, null);
    }

    /// With what comes before the very first that is known.
    default ResultTree after(ResultTree before) {
        var parent = parent();
        return withParent(parent == null ? before : parent.after(before));
    }

    /// With another in place of each task in it, but not of what comes before.
    default ResultTree withLeaves(UnaryOperator<One> change) {
        return switch (this) {
            case One one -> change.apply(one);
            case Many many ->
                    new Many(
                            many.id,
                            many.members.stream().map(member -> member.withLeaves(change)).toList(),
                            many.parent);
        };
    }

    /// This and what comes before it, the nearest first.
    default Stream<ResultTree> andParents() {
        return Stream.iterate(this, tree -> tree != null, ResultTree::parent);
    }

    /// All tasks in it, but not what comes before.
    default Stream<One> leaves() {
        return switch (this) {
            case One one -> Stream.of(one);
            case Many many -> many.members.stream().flatMap(ResultTree::leaves);
        };
    }

    default List<@Nullable Object> toTuple() {
        var parent = parent();
        return Arrays.asList(
                Arrays.asList(id(), parent == null ? null : parent.toTuple()),
                switch (this) {
                    case One _ -> null;
                    case Many many -> many.members.stream().map(ResultTree::toTuple).toList();
                });
    }

    /// @throws DecodeException when it is no result tuple
    static ResultTree ofTuple(@Nullable Object tuple) {
        // Python writes a result without parents as its id alone, too.
        if (tuple instanceof String id) {
            return one(id);
        }
        if (!(tuple instanceof List<?> pair)
                || pair.size() != 2
                || !(pair.get(0) instanceof List<?> head)
                || head.size() != 2
                || !(head.get(0) instanceof String id)) {
            throw new DecodeException("a result tuple should be [[id, parent], members]");
        }
        var parent = head.get(1) == null ? null : ofTuple(head.get(1));
        return switch (pair.get(1)) {
            case null -> one(id).withParent(parent);
            case List<?> items -> {
                var members = new ArrayList<ResultTree>(items.size());
                for (var item : items) {
                    members.add(ofTuple(item));
                }
                yield new Many(id, members, parent);
            }
            default -> throw new DecodeException("the members of a group should be a list");
        };
    }
}
