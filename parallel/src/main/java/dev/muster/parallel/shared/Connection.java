package dev.muster.parallel.shared;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A client's side of the calls. Thread-safe: the calls of all threads share the link, and replies
/// find their calls by number.
///
/// A call that is given up is not left: the manager is told, and its reply says whether the call
/// was done or not. So nothing is done without being known, as long as the link lives.
final class Connection implements AutoCloseable {
    static final Consumer<ByteSink> NO_ARGUMENTS = _ -> {};

    private final Link link;
    private final AtomicLong lastCall = new AtomicLong();
    private final Map<Long, CompletableFuture<FrameReader>> waiting = new ConcurrentHashMap<>();

    Connection(Link link) {
        this.link = link;
        Thread.ofPlatform().daemon().name("shared-client-" + link.peer()).start(this::read);
    }

    /// What the manager has answered.
    ///
    /// @param call the number of the call
    record Reply(long call, Status status, FrameReader content) {}

    String peer() {
        return link.peer();
    }

    private void read() {
        try {
            while (true) {
                var frame = new FrameReader(link.receive());
                var call = waiting.remove(frame.readLong());
                if (call != null) {
                    call.complete(frame);
                }
            }
        } catch (LinkLostException e) {
            // Nobody begins to wait any more, as the link is lost by now.
            waiting.values().forEach(call -> call.completeExceptionally(e));
        }
    }

    /// Calls, and waits for the end of it whatever happens. An interrupt is kept for later.
    FrameReader call(Verb verb, int number, Consumer<ByteSink> arguments) {
        var call = begin(verb, number, arguments);
        return done(await(call, () -> {})).content();
    }

    /// Calls what may wait for long; an interrupt gives it up.
    ///
    /// @throws InterruptedException when the call was not done. When it could be done after all,
    ///   the thread stays interrupted
    Reply await(Verb verb, int number, Consumer<ByteSink> arguments) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        var call = begin(verb, number, arguments);
        var reply = await(call, () -> send(Verb.CANCEL, number, call.id()));
        if (reply.status() == Status.CANCELLED && Thread.interrupted()) {
            throw new InterruptedException();
        }
        return done(reply);
    }

    /// Calls what may wait for long, but does not wait longer than the limit.
    ///
    /// @return null when it was not done in time; it is given up then
    @Nullable Reply awaitWithin(Duration limit, Verb verb, int number, Consumer<ByteSink> arguments)
            throws InterruptedException {
        var call = begin(verb, number, arguments);
        try {
            return done(reply(call, call.future().get(Frames.nanos(limit), TimeUnit.NANOSECONDS)));
        } catch (TimeoutException e) {
            return giveUp(number, call);
        } catch (InterruptedException e) {
            giveUp(number, call);
            throw e;
        } catch (ExecutionException e) {
            throw lost(e);
        }
    }

    private @Nullable Reply giveUp(int number, Pending call) {
        waiting.remove(call.id());
        send(Verb.CANCEL, number, call.id());
        return null;
    }

    private record Pending(long id, CompletableFuture<FrameReader> future) {}

    private Pending begin(Verb verb, int number, Consumer<ByteSink> arguments) {
        if (waiting.size() >= Session.MAX_CALLS / 2) {
            throw new IllegalStateException(
                    "%d calls at once are too many".formatted(Session.MAX_CALLS / 2));
        }
        var call = new Pending(lastCall.incrementAndGet(), new CompletableFuture<>());
        waiting.put(call.id(), call.future());
        try {
            send(verb, number, call.id(), arguments);
        } catch (RuntimeException e) {
            waiting.remove(call.id());
            throw e;
        }
        return call;
    }

    /// Sends what gets no reply.
    void send(Verb verb, int number, long call) {
        send(verb, number, call, NO_ARGUMENTS);
    }

    private void send(Verb verb, int number, long call, Consumer<ByteSink> arguments) {
        var frame = new ByteSink(64);
        frame.writeLong(call);
        Frames.writeOneOf(frame, verb);
        frame.writeInt(number);
        frame.writeLong(Thread.currentThread().threadId());
        arguments.accept(frame);
        try {
            link.send(frame);
        } catch (LinkLostException e) {
            throw new ManagerLostException(e);
        }
    }

    /// @param cancel run when the thread is interrupted
    private Reply await(Pending call, Runnable cancel) {
        var interrupted = false;
        try {
            while (true) {
                try {
                    return reply(call, call.future().get());
                } catch (InterruptedException _) {
                    if (!interrupted) {
                        interrupted = true;
                        cancel.run();
                    }
                } catch (ExecutionException e) {
                    throw lost(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Reply reply(Pending call, FrameReader frame) {
        return new Reply(call.id(), frame.readOneOf(Status.values()), frame);
    }

    private static Reply done(Reply reply) {
        if (reply.status() != Status.DONE) {
            throw reply.status().exception(reply.content().readText());
        }
        return reply;
    }

    private static RuntimeException lost(ExecutionException e) {
        return e.getCause() instanceof LinkLostException cause
                ? new ManagerLostException(cause)
                : new IllegalStateException(e);
    }

    @Override
    public void close() {
        link.close();
    }
}
