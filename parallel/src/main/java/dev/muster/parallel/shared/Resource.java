package dev.muster.parallel.shared;

import dev.muster.parallel.shared.Status.RefusedException;
import dev.muster.parallel.wire.ByteSink;
import java.util.concurrent.locks.Condition;

/// Something that the manager owns. Thread-safe. What must wait does so on a thread of its own.
interface Resource {
    /// Who calls.
    ///
    /// @param session the client
    /// @param call the number of the call
    /// @param thread the client's thread
    /// @param mayWait false for a first try on a thread that is needed for other calls
    record Caller(Session session, long call, long thread, boolean mayWait) {
        /// Waits for others to change something.
        ///
        /// @return what is left of the time
        /// @throws WouldWait when this must not wait, and nothing was done
        /// @throws InterruptedException when the call was cancelled, or the client is gone: its
        ///   locks may be with others, so it must not change anything any more
        @SuppressWarnings("WaitNotInLoop") // the callers loop
        long await(Condition changed, long nanos) throws InterruptedException {
            if (!mayWait) {
                throw new WouldWait();
            }
            var left = changed.awaitNanos(nanos);
            if (session.hasEnded()) {
                changed.signal(); // this one may have been woken in place of another
                throw new InterruptedException();
            }
            return left;
        }
    }

    /// A call has to be made again on a thread that may wait.
    final class WouldWait extends RuntimeException {
        WouldWait() {
            super(null, null, false, false);
        }
    }

    /// Does what is asked, and waits for it where it must.
    ///
    /// @param result for what the client gets
    /// @throws WouldWait when the caller must not wait, and nothing was done
    /// @throws InterruptedException when the call was cancelled, and nothing was done
    /// @throws RefusedException when it cannot be done
    void perform(Verb verb, FrameReader arguments, Caller caller, ByteSink result)
            throws InterruptedException;

    /// Takes back what a client holds that is gone. Called once or more often.
    default void release(Session session) {}

    /// The client cannot be told of the result of a call.
    default void undo(Caller caller) {}

    /// For a verb that this kind does not know.
    static RefusedException unknown(Kind kind, Verb verb) {
        return Status.WRONG_ARGUMENT.refuse("%s cannot %s".formatted(kind, verb));
    }
}
