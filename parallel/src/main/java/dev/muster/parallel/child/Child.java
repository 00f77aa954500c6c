package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A child JVM as its parent sees it. What it does is decided by its [Children], under whose lock
/// the fields at the top are read and written; this class starts the process, carries orders and
/// reports, and finds out how the process has ended.
final class Child {
    /// How long a process may take to end by itself after it has closed its connection.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// How long a process may take from its start to its connection.
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private static final int FLUSH_SIZE = 256 * 1024;

    private static final int KEPT_LINES = 20;

    /// The calls that it has, in the order in which they were sent.
    final Map<Long, Job> jobs = new LinkedHashMap<>();

    boolean ready;

    /// No new calls: it ends when those that it has are done.
    boolean leaving;

    /// It was asked to give calls back. It is not asked again before it has given some, or finished
    /// one.
    boolean asked;

    /// Calls wait behind one that takes long, so it gets no others.
    boolean busy;

    /// Orders that were decided on and not written yet, in the order of the decisions. Read outside
    /// of the lock, by whoever writes.
    final Queue<Order> outbox = new ConcurrentLinkedQueue<>();

    /// Code that it knows.
    final Set<Long> defined = new HashSet<>();

    long lastNumber;

    /// A moving average of what calls take; 0 while unknown.
    long callNanos;

    private final Children owner;
    private final String name;
    private final Path socket;
    private final Path journalFile;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final List<Thread> readers = new ArrayList<>();

    /// How often it was asked for a flush since the last one that was done; above 0, a thread is at
    /// it, and only that one uses the sink.
    private final AtomicInteger flushes = new AtomicInteger();

    private final ByteSink sink = new ByteSink(8192);

    private final CompletableFuture<Process> handle = new CompletableFuture<>();
    private volatile @Nullable Process process;
    private volatile @Nullable SocketChannel channel;
    private volatile @Nullable Journal journal;
    private volatile boolean killed;

    Child(Children owner, int number) {
        this.owner = owner;
        this.name = "%s %d".formatted(owner.options().name(), number);
        this.socket = owner.folder().resolve("child-%d.socket".formatted(number));
        this.journalFile = owner.folder().resolve("child-%d.journal".formatted(number));
    }

    String name() {
        return name;
    }

    /// Completed when the process is started, cancelled when it could not be.
    CompletableFuture<Process> handle() {
        return handle;
    }

    void start() {
        try {
            Thread.ofPlatform().daemon().name(name).start(this::run);
        } catch (OutOfMemoryError e) { // the system gives no more threads
            note(e.toString());
            end();
        }
    }

    private void run() {
        try {
            connect();
            read();
        } catch (ClosedChannelException _) {
            // Its process has ended before it could connect, and what it has printed tells why; or
            // it takes too long.
        } catch (IOException e) {
            note(e.toString());
        } finally {
            end();
        }
    }

    private void connect() throws IOException {
        var opened = Journal.open(journalFile);
        journal = opened;
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            var _ =
                    startProcess()
                            .onExit()
                            .orTimeout(START_LIMIT.toSeconds(), TimeUnit.SECONDS)
                            .whenComplete((_, _) -> closeQuietly(server));
            var accepted = server.accept();
            channel = accepted;
            write(owner.setup(journalFile));
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private Process startProcess() throws IOException {
        var options = owner.options();
        var builder =
                new ProcessBuilder(JavaCommand.of(options, ChildMain.class, socket.toString()));
        if (options.workingDirectory() != null) {
            builder.directory(options.workingDirectory().toFile());
        }
        builder.environment().putAll(options.environment());
        var started = builder.start();
        process = started;
        handle.complete(started);
        if (killed) {
            started.destroyForcibly();
        }
        started.getOutputStream().close();
        readLines(started.getInputStream(), false);
        readLines(started.getErrorStream(), true);
        return started;
    }

    private void readLines(InputStream stream, boolean isError) {
        var reader =
                Thread.ofPlatform()
                        .daemon()
                        .name(name + (isError ? " errors" : " output"))
                        .start(() -> copyLines(stream, isError));
        readers.add(reader);
    }

    private void copyLines(InputStream stream, boolean isError) {
        var output = owner.options().output();
        try (var lines =
                new BufferedReader(new InputStreamReader(stream, Charset.defaultCharset()))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (isError) {
                    note(line);
                }
                output.line(name, isError, line);
            }
        } catch (IOException _) {
            // The pipe is closed when the process is.
        }
    }

    private void note(String line) {
        synchronized (lastLines) {
            if (lastLines.size() == KEPT_LINES) {
                lastLines.removeFirst();
            }
            lastLines.add(line);
        }
    }

    private void read() throws IOException {
        var frames = new Frames.Reader(Objects.requireNonNull(channel));
        var reports = new ArrayList<Report>();
        for (var frame = frames.next(); frame != null; frame = frames.next()) {
            for (var next = frame; next != null; next = frames.nextInBuffer()) {
                reports.add(Report.read(next));
            }
            owner.reported(this, reports);
            reports.clear();
        }
    }

    /// Sends one order. That the child is dead is found out elsewhere.
    void write(Order order) {
        outbox.add(order);
        flush();
    }

    /// Writes the outbox. Returns at once where another thread is at it, which then takes these
    /// orders along: a child that does not read holds up one thread at the most.
    void flush() {
        if (flushes.getAndIncrement() > 0) {
            return;
        }
        var asked = 1;
        do {
            writeOutbox();
            asked = flushes.addAndGet(-asked);
        } while (asked > 0);
    }

    private void writeOutbox() {
        for (var order = outbox.poll(); order != null; order = outbox.poll()) {
            var begin = sink.size();
            try {
                order.write(sink);
            } catch (RuntimeException | Error e) {
                sink.truncate(begin);
                note(e.toString());
                if (order instanceof Order.Call call) {
                    var reason = "the call cannot be sent to a child process: " + e;
                    owner.kill(this, call.number(), new Ending.Refused(reason, null));
                } else {
                    kill();
                }
            }
            if (sink.size() >= FLUSH_SIZE) {
                writeSink();
            }
        }
        writeSink();
    }

    private void writeSink() {
        var target = channel;
        // The channel would be closed under a thread that is interrupted, and others' calls be
        // lost.
        var interrupted = Thread.interrupted();
        try {
            if (target != null) {
                var bytes = ByteBuffer.wrap(sink.array(), 0, sink.size());
                while (bytes.hasRemaining()) {
                    target.write(bytes);
                }
            }
        } catch (IOException _) {
            // The reader of this connection sees its end, too, and returns the calls.
        } finally {
            sink.clear();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The number of the call that began last; 0 when none has.
    long started() {
        var opened = journal;
        return opened == null ? 0 : opened.started();
    }

    void kill() {
        killed = true;
        var running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /// Ends the process in the way of that signal.
    void signal(String signal) {
        var running = process;
        if (signal.equals(Signals.KILL) || running == null) {
            kill();
        } else {
            Signals.send(running, signal);
        }
    }

    private void end() {
        var open = channel;
        if (open != null) {
            closeQuietly(open);
        }
        handle.cancel(false);
        var status = exitStatus();
        for (var reader : readers) {
            join(reader);
        }
        List<String> lines;
        synchronized (lastLines) {
            lines = List.copyOf(lastLines);
        }
        owner.ended(this, status, lines, unsent(), started());
        try {
            Files.deleteIfExists(journalFile);
        } catch (IOException _) {
            // The folder is deleted with all that is in it.
        }
    }

    private List<Report> unsent() {
        var opened = journal;
        try {
            return opened == null ? List.of() : opened.reports();
        } catch (IOException | RuntimeException e) {
            note("the journal of the child process is damaged: " + e);
            return List.of();
        }
    }

    private int exitStatus() {
        var ended = process;
        if (ended == null) {
            return -1;
        }
        try {
            if (!ended.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                ended.destroyForcibly();
            }
            return ended.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of a child", e);
        }
    }

    /// Not for ever: a process that the child has started may hold the pipe open.
    private static void join(Thread reader) {
        try {
            reader.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of a child", e);
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception _) {
            // It is not used any more.
        }
    }
}
