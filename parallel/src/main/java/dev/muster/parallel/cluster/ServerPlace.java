package dev.muster.parallel.cluster;

import dev.muster.parallel.base.Joins;
import dev.muster.parallel.child.Ending;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.HandshakeException;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server, as a pool sees it. A thread of its own connects, brings the program, takes in what the
/// server says, and when the connection is lost, starts again after a pause, which grows as long as
/// that fails.
final class ServerPlace extends Place {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterPool.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    /// After so many failures in a row a server is forgotten that was found, not named: when it is
    /// there again, it is found again.
    private static final int MAX_FAILURES = 5;

    /// Only packs exceptions of the JDK.
    private static final Values VALUES =
            new Values(ServerPlace.class.getClassLoader(), TypeFilter.DATA, null);

    private final Dispatcher dispatcher;
    private final LinkOptions options;
    private final OwnCode code;
    private final Path folder;
    private final boolean isNamed;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    // The rest is guarded by the lock of the dispatcher.
    private final Set<Long> defined = new HashSet<>();
    private @Nullable Conversation conversation;
    private @Nullable String id;
    private ServerStatistics.State state = ServerStatistics.State.CONNECTING;
    private String reason = "";

    /// @param address `HOST:PORT`
    /// @param folder for what is large in results
    /// @param isNamed whether it stays when it cannot be reached
    ServerPlace(
            Dispatcher dispatcher,
            String address,
            LinkOptions options,
            OwnCode code,
            Path folder,
            boolean isNamed) {
        super(address);
        this.dispatcher = dispatcher;
        this.options = options;
        this.code = code;
        this.folder = folder;
        this.isNamed = isNamed;
        this.thread = Thread.ofVirtual().name("cluster-" + address).unstarted(this::run);
    }

    /// Begins to work, unless the dispatcher has the server already.
    void start() {
        if (dispatcher.add(this)) {
            thread.start();
        }
    }

    private void run() {
        try {
            keepServing();
        } finally {
            dispatcher.lost(this);
            if (!isNamed) {
                dispatcher.remove(this);
            }
        }
    }

    private void keepServing() {
        var failures = 0;
        var pause = FIRST_PAUSE;
        while (!isClosed() && (isNamed || failures < MAX_FAILURES)) {
            try {
                serve();
            } catch (Refusal e) {
                note(ServerStatistics.State.REFUSING, e);
                pause = LONGEST_PAUSE;
            } catch (HandshakeException e) {
                note(ServerStatistics.State.REFUSING, e);
            } catch (IOException e) {
                if (isReady()) {
                    failures = 0;
                    pause = FIRST_PAUSE;
                }
                note(ServerStatistics.State.AWAY, e);
            }
            failures++;
            dispatcher.lost(this);
            if (rest(pause)) {
                break;
            }
            pause = pause.multipliedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        }
    }

    /// The server does not run our calls.
    private static final class Refusal extends IOException {
        Refusal(String message) {
            super(message);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /// @return whether it is closed
    private boolean rest(Duration pause) {
        try {
            return closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of a server", e);
        }
    }

    private boolean isReady() {
        return dispatcher.locked(() -> state == ServerStatistics.State.READY);
    }

    private void note(ServerStatistics.State next, IOException cause) {
        var message = String.valueOf(cause.getMessage());
        var isNews =
                dispatcher.locked(() -> {
                    var news = state != next || !reason.equals(message);
                    state = next;
                    reason = message;
                    conversation = null;
                    defined.clear();
                    return news;
                });
        if (isNews && !isClosed()) {
            LOG.warn("The pool server {} is not used: {}", name, message);
        }
    }

    /// Works with the server until the connection is lost, or this is closed.
    private void serve() throws IOException {
        try (var link = Link.connect(Addresses.parse(name), Message.PROTOCOL, options);
                var talk = new Conversation(link, folder, this::unsendable)) {
            var welcome = begin(talk);
            var same = dispatcher.locked(() -> open(welcome, talk));
            if (same.isPresent()) {
                throw new IOException("it is the same as " + same.get().name);
            }
            if (isClosed()) {
                return;
            }
            LOG.info("The pool server {} is used, with {} slots", name, welcome.slots());
            dispatcher.changed();
            while (true) {
                listen(talk.receive(), talk);
            }
        } catch (IOException e) {
            if (isClosed()) {
                return;
            }
            throw e;
        }
    }

    /// @return the place that is used already for the same server
    private Optional<ServerPlace> open(Message.Welcome welcome, Conversation talk) {
        var same = dispatcher.connected(welcome.server());
        if (same.isEmpty()) {
            id = welcome.server();
            conversation = talk;
            slots = welcome.slots();
            state = ServerStatistics.State.READY;
            reason = "";
        }
        return same;
    }

    /// Brings the program.
    private Message.Welcome begin(Conversation talk) throws IOException {
        var program = code.get();
        try {
            talk.send(
                    new Message.Hello(
                            program.id(),
                            program.complete(),
                            program.items().stream().map(ProgramCode.Item::entry).toList(),
                            code.initializer()));
        } catch (IllegalArgumentException e) {
            throw new Refusal("the program cannot be told: " + e.getMessage());
        }
        while (true) {
            switch (talk.receive()) {
                case Message.Wanted(var wanted) -> {
                    for (int index : wanted) {
                        if (index < 0 || index >= program.items().size()) {
                            throw new StreamCorruptedException("no entry " + index);
                        }
                        try (var content = new Sending(talk)) {
                            program.items().get(index).write(content);
                        }
                    }
                }
                case Message.Welcome welcome -> {
                    return welcome;
                }
                case Message.Rejected(var why) -> {
                    code.forget();
                    throw new Refusal(why);
                }
                default -> throw new StreamCorruptedException(name + " answers something else");
            }
        }
    }

    /// Sends what is written in pieces.
    private static final class Sending extends OutputStream {
        private final Conversation talk;
        private final int size;
        private final ByteArrayOutputStream piece = new ByteArrayOutputStream();

        Sending(Conversation talk) {
            this.talk = talk;
            this.size = talk.pieceBytes();
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            for (var at = from; at < from + length; ) {
                var count = Math.min(size - piece.size(), from + length - at);
                piece.write(bytes, at, count);
                at += count;
                if (piece.size() == size) {
                    send(false);
                }
            }
        }

        private void send(boolean isLast) throws IOException {
            talk.send(new Message.Content(isLast, piece.toByteArray()));
            piece.reset();
        }

        @Override
        public void close() throws IOException {
            send(true);
        }
    }

    private void listen(Message message, Conversation talk) throws IOException {
        switch (message) {
            case Message.Started(var number) -> dispatcher.started(this, number);
            case Message.Ended(_, _, _, Ending.Refused(var why, var thrown)) when thrown == null ->
                    throw new Refusal(why);
            case Message.Ended(var number, var nanos, var busy, var ending) ->
                    dispatcher.ended(this, number, nanos, busy, ending);
            case Message.GivenBack(var number) -> dispatcher.givenBack(this, number);
            case Message.ClassWanted(var resource) ->
                    talk.post(new Message.ClassIs(resource, code.find(resource)));
            default ->
                    throw new StreamCorruptedException(
                            "%s is not for a client to hear"
                                    .formatted(message.getClass().getSimpleName()));
        }
    }

    private void unsendable(Message message, Exception why) {
        if (message instanceof Message.Call call) {
            var failure =
                    new IllegalArgumentException(
                            "the call cannot be sent: %s; large byte arrays and ByteBuffers can"
                                    .formatted(why.getMessage()),
                            why);
            dispatcher.ended(
                    this, call.number(), 0, 0, new Ending.Threw(VALUES.packThrown(failure)));
        } else {
            LOG.warn("The pool server {} is not used: {}", name, why.getMessage());
            breakOff();
        }
    }

    /// Outside of the lock, as it takes a moment.
    private void breakOff() {
        dispatcher
                .locked(() -> Optional.ofNullable(conversation))
                .ifPresent(Conversation::breakOff);
    }

    @Override
    void begin(Errand errand, List<Runnable> later) {
        var job = errand.job;
        var function = job.code();
        if (function.id() != 0 && defined.add(function.id())) {
            post(new Message.Define(function.id(), function.bytes()));
        }
        post(
                new Message.Call(
                        errand.number,
                        job.limit() == null ? 0 : job.limit().toNanos(),
                        function.id(),
                        function.id() == 0 ? function.bytes() : new byte[0],
                        job.arguments()));
    }

    /// When the connection is lost, all calls are taken away.
    private void post(Message message) {
        if (conversation != null) {
            conversation.post(message);
        }
    }

    @Override
    void takeBack(List<Errand> errands, List<Runnable> later) {
        post(new Message.TakeBack(errands.stream().map(errand -> errand.number).toList()));
    }

    @Override
    void cancel(Errand errand, boolean kill, List<Runnable> later) {
        post(new Message.Cancel(errand.number, kill));
    }

    @Override
    boolean isRunning(Errand errand) {
        return errand.started;
    }

    @Override
    boolean tellsStarts() {
        return true;
    }

    @Override
    ServerStatistics.State state() {
        return state;
    }

    @Override
    String reason() {
        return reason;
    }

    /// Whether two are the same server.
    boolean isSameAs(Place other) {
        return other instanceof ServerPlace server
                && (server.name.equals(name) || (id != null && id.equals(server.id)));
    }

    /// Whether this is that server, and can be used.
    boolean is(String server) {
        return state == ServerStatistics.State.READY && server.equals(id);
    }

    /// Notes that this is the server of that id, before it was connected.
    ServerPlace found(String server) {
        id = server;
        return this;
    }

    @Override
    void close() {
        closed.countDown();
        breakOff();
        Joins.uninterruptibly(thread);
    }
}
