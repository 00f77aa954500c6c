package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkLostException;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client at a server: first it brings its program, then calls. When it goes, what is left of its
/// calls is given up, and processes that run one are killed.
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(PoolServer.class);

    /// Only packs exceptions of the JDK.
    private static final Values VALUES =
            new Values(Session.class.getClassLoader(), TypeFilter.DATA, null);

    private final PoolServer server;
    private final SlotShare share;
    private final Conversation conversation;
    private final SlotShare.Client client = new SlotShare.Client();
    private final Map<Long, ServedCall> calls = new ConcurrentHashMap<>();

    /// Functions by the client's numbers. Used by the thread that receives.
    private final Map<Long, Code> functions = new HashMap<>();

    /// Those that children wait for.
    private final Map<String, CompletableFuture<Optional<byte[]>>> wantedClasses =
            new ConcurrentHashMap<>();

    private volatile boolean gone;
    private @Nullable Program program;

    Session(PoolServer server, SlotShare share, Link link) {
        this.server = server;
        this.share = share;
        this.conversation = new Conversation(link, server.folder(), this::unsendable);
    }

    SlotShare.Client client() {
        return client;
    }

    Program program() {
        return Objects.requireNonNull(program, "no call comes before the program");
    }

    /// Serves the client until it goes.
    void run() {
        try (conversation) {
            begin();
            while (true) {
                obey(conversation.receive());
            }
        } catch (LinkLostException e) {
            LOG.info("Client {} has gone: {}", conversation.peer(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("Client {} is sent away: {}", conversation.peer(), e.getMessage());
        } finally {
            end();
        }
    }

    private void begin() throws IOException {
        if (!(conversation.receive() instanceof Message.Hello hello)) {
            throw new StreamCorruptedException("it does not begin with its program");
        }
        try {
            program = server.join(hello, this);
        } catch (LinkLostException e) {
            throw e;
        } catch (IOException e) {
            conversation.send(new Message.Rejected(String.valueOf(e.getMessage())));
            throw e;
        }
        if (!hello.complete()) {
            program.ownedBy(this);
        }
        LOG.info("Client {} has come", conversation.peer());
        conversation.send(new Message.Welcome(server.id(), server.slots()));
    }

    /// Takes what the client has and the server lacks into the cache.
    void fetch(List<CodeEntry> code, List<Integer> lacking, CodeCache cache) throws IOException {
        conversation.send(new Message.Wanted(lacking));
        for (var index : lacking) {
            try (var store = cache.store(code.get(index))) {
                while (true) {
                    if (!(conversation.receive() instanceof Message.Content content)) {
                        throw new StreamCorruptedException(
                                "it does not send the code that it was asked for");
                    }
                    store.write(content.bytes());
                    if (content.isLast()) {
                        store.finish();
                        break;
                    }
                }
            }
        }
    }

    private void obey(Message message) throws IOException {
        switch (message) {
            case Message.Define(var id, var bytes) -> functions.put(id, program().function(bytes));
            case Message.Call call -> call(call);
            case Message.TakeBack(var numbers) -> numbers.forEach(this::takeBack);
            case Message.Cancel(var number, var kill) -> cancel(number, kill);
            case Message.ClassIs(var resource, var bytes) -> {
                var waiting = wantedClasses.remove(resource);
                if (waiting != null) {
                    waiting.complete(Optional.ofNullable(bytes));
                }
            }
            default ->
                    throw new StreamCorruptedException(
                            "%s is not for a server to hear"
                                    .formatted(message.getClass().getSimpleName()));
        }
    }

    private void call(Message.Call call) throws StreamCorruptedException {
        var code = call.codeId() == 0 ? new Code(0, call.code()) : functions.get(call.codeId());
        if (code == null) {
            throw new StreamCorruptedException("a function that was not defined");
        }
        var served = new ServedCall(this, call, code);
        calls.put(call.number(), served);
        share.submit(served);
    }

    private void takeBack(long number) {
        var call = calls.get(number);
        if (call != null) {
            takeBack(call);
        }
    }

    private void takeBack(ServedCall call) {
        if (share.remove(call)) {
            forget(call);
        } else {
            program().children().withdraw(call);
        }
    }

    private void cancel(long number, boolean kill) {
        var call = calls.get(number);
        if (call == null) {
            return;
        }
        if (kill && !share.remove(call)) {
            program().children().cancel(call, true);
        } else if (kill) {
            forget(call);
        } else {
            takeBack(call);
        }
    }

    private void forget(ServedCall call) {
        calls.remove(call.number());
        call.arguments().discard();
        conversation.post(new Message.GivenBack(call.number()));
    }

    void started(ServedCall call) {
        conversation.post(new Message.Started(call.number()));
    }

    void ended(ServedCall call, Ending ending) {
        program().measured(call.nanos());
        if (ending instanceof Ending.Refused) {
            program().fail();
        }
        share.release(call);
        calls.remove(call.number());
        conversation.post(
                new Message.Ended(call.number(), call.nanos(), share.others(client), ending));
    }

    void dropped(ServedCall call) {
        share.release(call);
        forget(call);
    }

    private void unsendable(Message message, Exception reason) {
        if (message instanceof Message.Ended ended) {
            var failure =
                    new IllegalArgumentException(
                            "the outcome of the call cannot be sent: %s; large byte arrays and ByteBuffers can"
                                    .formatted(reason.getMessage()),
                            reason);
            conversation.post(
                    new Message.Ended(
                            ended.number(),
                            ended.nanos(),
                            ended.others(),
                            new Ending.Threw(VALUES.packThrown(failure))));
        } else {
            LOG.warn("Client {} is sent away: {}", conversation.peer(), reason.getMessage());
            conversation.breakOff();
        }
    }

    /// Asks the client for a class, and waits for it.
    ///
    /// @return null when it has none, or has gone
    byte @Nullable [] find(String resource) {
        var made = new CompletableFuture<Optional<byte[]>>();
        var known = wantedClasses.putIfAbsent(resource, made);
        if (known == null) {
            conversation.post(new Message.ClassWanted(resource));
        }
        if (gone) {
            made.complete(Optional.empty());
        }
        return (known == null ? made : known).join().orElse(null);
    }

    private void end() {
        gone = true;
        wantedClasses.values().forEach(waiting -> waiting.complete(Optional.empty()));
        share.leave(client).forEach(this::forget);
        if (program != null) {
            for (var call : calls.values()) {
                program.children().cancel(call, true);
            }
            server.leave(program);
        }
    }
}
