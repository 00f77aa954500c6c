package dev.muster.parallel.shared;

import dev.muster.parallel.shared.FrameReader.MalformedException;
import dev.muster.parallel.shared.Resource.Caller;
import dev.muster.parallel.shared.Resource.WouldWait;
import dev.muster.parallel.shared.Status.RefusedException;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client of the manager. Its calls are made on the thread that reads them, as long as they
/// need not wait, and otherwise on threads of their own. When the client is gone, its calls are
/// cancelled, and what it held is released.
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(SharedManager.class);

    /// Calls of one client at once. [Connection] keeps to it.
    static final int MAX_CALLS = 65_536;

    private static final int MAX_MESSAGE = 500;

    private final Link link;
    private final Registry registry;
    private final Executor objectThreads;
    private final Map<Integer, Resource> opened = new ConcurrentHashMap<>();
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();

    /// Written before what the client holds is released; read by calls after they have got hold of
    /// something. So at least one of the two sees the other.
    private volatile boolean ended;

    /// @param objectThreads run methods of objects, which may compute for long: virtual threads are
    ///   for what only waits
    Session(Link link, Registry registry, Executor objectThreads) {
        this.link = link;
        this.registry = registry;
        this.objectThreads = objectThreads;
    }

    /// Serves the client to its end.
    void run() {
        LOG.debug("{} has connected", link.peer());
        try {
            while (true) {
                accept(new FrameReader(link.receive()));
            }
        } catch (LinkLostException e) {
            LOG.debug("The client is gone: {}", e.getMessage());
        } catch (MalformedException e) {
            LOG.warn("Closing the connection to {}: {}", link.peer(), e.getMessage());
        } finally {
            end();
        }
    }

    private void accept(FrameReader frame) {
        var id = frame.readLong();
        var verb = frame.readOneOf(Verb.values());
        var number = frame.readInt();
        var thread = frame.readLong();
        switch (verb) {
            case CANCEL -> {
                var call = calls.get(id);
                if (call != null) {
                    call.cancel();
                }
            }
            case KEEP -> queue(number).keep(this, id);
            case RETURN -> queue(number).giveBack(this, id);
            default -> call(verb, number, id, thread, frame);
        }
    }

    /// Most calls need not wait, and so are made at once. The others get a thread.
    private void call(Verb verb, int number, long id, long thread, FrameReader arguments) {
        var call = new Call(verb, number, new Caller(this, id, thread, true), arguments);
        if (verb == Verb.CALL) {
            register(call);
            objectThreads.execute(call);
            return;
        }
        var hurried = new Caller(this, id, thread, false);
        try {
            send(hurried, number, answer(verb, number, hurried, arguments.copy()));
        } catch (WouldWait _) {
            register(call);
            Thread.startVirtualThread(call);
        }
    }

    private void register(Call call) {
        if (calls.size() >= MAX_CALLS || calls.putIfAbsent(call.caller.call(), call) != null) {
            throw new MalformedException("too many calls, or two with the same number");
        }
    }

    /// Makes a call, and its reply.
    private ByteSink answer(Verb verb, int number, Caller caller, FrameReader arguments) {
        try {
            var reply = reply(caller, Status.DONE);
            switch (verb) {
                case OPEN -> open(arguments, reply);
                case DELETE -> Frames.writeTruth(reply, registry.delete(arguments.readText()));
                default -> {
                    var resource = resource(number);
                    resource.perform(verb, arguments, caller, reply);
                    if (ended) {
                        resource.release(this);
                    }
                }
            }
            return reply;
        } catch (WouldWait e) {
            throw e;
        } catch (InterruptedException e) {
            return reply(caller, Status.CANCELLED, "the call was cancelled");
        } catch (RefusedException e) {
            return reply(caller, e.status(), e.getMessage());
        } catch (MalformedException e) {
            return reply(caller, Status.WRONG_ARGUMENT, e.getMessage());
        } catch (Throwable e) {
            LOG.warn("A call of {} failed", link.peer(), e);
            return reply(caller, Status.FAILED, "the manager failed: " + e);
        }
    }

    private void open(FrameReader arguments, ByteSink reply) {
        var kind = arguments.readOneOf(Kind.values());
        var size = arguments.readInt();
        var entry = registry.open(kind, arguments.readText(), arguments.readText(), size);
        opened.put(entry.number(), entry.resource());
        reply.writeInt(entry.number());
        reply.writeInt(entry.size());
    }

    private Resource resource(int number) {
        var resource = opened.get(number);
        if (resource == null) {
            throw Status.WRONG_ARGUMENT.refuse("there is nothing with the number " + number);
        }
        return resource;
    }

    private static ByteSink reply(Caller caller, Status status) {
        var reply = new ByteSink(64);
        reply.writeLong(caller.call());
        Frames.writeOneOf(reply, status);
        return reply;
    }

    private static ByteSink reply(Caller caller, Status status, @Nullable String message) {
        var text = String.valueOf(message);
        var reply = reply(caller, status);
        Frames.writeText(reply, text.substring(0, Math.min(text.length(), MAX_MESSAGE)));
        return reply;
    }

    /// When that fails, the client is gone, and the end of the session takes back what it has got.
    private void send(Caller caller, int number, ByteSink reply) {
        try {
            sendOrRefuse(caller, number, reply);
        } catch (LinkLostException e) {
            LOG.debug("A reply came too late: {}", e.getMessage());
        }
    }

    private void sendOrRefuse(Caller caller, int number, ByteSink reply) throws LinkLostException {
        try {
            link.send(reply);
        } catch (IllegalArgumentException tooLarge) {
            var resource = opened.get(number);
            if (resource != null) {
                resource.undo(caller);
            }
            link.send(reply(caller, Status.FAILED, "the result: " + tooLarge.getMessage()));
        }
    }

    private QueueResource queue(int number) {
        if (opened.get(number) instanceof QueueResource queue) {
            return queue;
        }
        throw new MalformedException("there is no queue " + number);
    }

    /// Whether the client is gone.
    boolean hasEnded() {
        return ended;
    }

    private void end() {
        ended = true;
        calls.values().forEach(Call::cancel);
        opened.values().forEach(resource -> resource.release(this));
    }

    /// A call on a thread of its own.
    private final class Call implements Runnable {
        private final Verb verb;
        private final int number;
        private final Caller caller;
        private final FrameReader arguments;

        /// The thread while it may be interrupted. Guarded by this.
        private @Nullable Thread thread;

        /// Guarded by this.
        private boolean cancelled;

        Call(Verb verb, int number, Caller caller, FrameReader arguments) {
            this.verb = verb;
            this.number = number;
            this.caller = caller;
            this.arguments = arguments;
        }

        synchronized void cancel() {
            cancelled = true;
            if (thread != null) {
                thread.interrupt();
            }
        }

        @Override
        public void run() {
            var reply =
                    begin()
                            ? answer(verb, number, caller, arguments)
                            : reply(caller, Status.CANCELLED, "the call was cancelled");
            finish();
            calls.remove(caller.call());
            send(caller, number, reply);
        }

        private synchronized boolean begin() {
            thread = Thread.currentThread();
            return !cancelled;
        }

        private synchronized void finish() {
            thread = null;
            var _ = Thread.interrupted(); // it is not meant for what comes after the call
        }
    }
}
