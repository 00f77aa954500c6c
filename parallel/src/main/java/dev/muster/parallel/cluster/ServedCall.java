package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;
import dev.muster.parallel.wire.Code;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// A client's call at a server.
final class ServedCall extends Job {
    /// What it has of a slot. Guarded by the lock of the [SlotShare].
    int part;

    private final Session session;
    private final long number;

    ServedCall(Session session, Message.Call call, Code code) {
        super(code, call.arguments(), limit(call), !session.program().isQuick());
        this.session = session;
        this.number = call.number();
    }

    private static @Nullable Duration limit(Message.Call call) {
        return call.limitNanos() == 0 ? null : Duration.ofNanos(call.limitNanos());
    }

    long number() {
        return number;
    }

    SlotShare.Client client() {
        return session.client();
    }

    Program program() {
        return session.program();
    }

    /// Has it run by a child process.
    void handOver() {
        try {
            program().children().submit(this);
        } catch (RejectedExecutionException _) {
            session.dropped(this); // its client has gone
        }
    }

    @Override
    protected void started() {
        session.started(this);
    }

    @Override
    protected void ended(Ending ending) {
        session.ended(this, ending);
    }

    @Override
    protected void dropped() {
        session.dropped(this);
    }
}
