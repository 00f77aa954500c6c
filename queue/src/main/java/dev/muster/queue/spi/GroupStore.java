package dev.muster.queue.spi;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a result store can do for groups of tasks: keep lists of their results, and count the
/// members of chords as they end (celery-wire 5.6). Thread-safe. Methods throw
/// [ResultStoreException].
///
/// All that is kept for a group expires as results do.
public interface GroupStore {
    /// Keeps where the results of a group are.
    ///
    /// @param results the result tuple of the group, as plain data
    void save(String groupId, Object results);

    /// The result tuple that was saved.
    Optional<Object> fetch(String groupId);

    /// Forgets what was saved.
    void forget(String groupId);

    /// Says how many members a chord has. Called before they are sent; once more for the same chord
    /// is harmless.
    void expect(String groupId, long members);

    /// One member more than was said.
    void expectOneMore(String groupId);

    /// Counts a member that has ended. One that comes again counts once.
    ///
    /// @param index its place in the list of values; null for one at the end
    Count arrive(String groupId, Member member, @Nullable Integer index);

    /// Asks again, after [Count.Claimed] was answered to somebody else.
    Count count(String groupId);

    /// Whoever was answered [Count.Complete] is still about to send the body.
    void renew(String groupId);

    /// The chord's body has been sent, or failed: forgets what was counted.
    void finish(String groupId);

    /// A member of a chord that has ended.
    ///
    /// @param value what it returned, or the exception map, as plain data
    record Member(String taskId, State state, @Nullable Object value) {}

    /// How far a chord is.
    sealed interface Count {
        /// Some members have not ended; or the chord is not known, or its body has been sent
        /// already.
        record Open() implements Count {}

        /// All have ended, and whoever is told this has to send the body, and then to
        /// [GroupStore#finish(String)]. It is told to nobody else, unless neither that nor a
        /// [GroupStore#renew(String)] happens for half a minute.
        ///
        /// @param members in order
        record Complete(List<Member> members) implements Count {}

        /// All have ended, and somebody else has been told to send the body.
        record Claimed() implements Count {}
    }
}
