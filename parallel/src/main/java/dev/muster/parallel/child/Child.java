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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A child JVM as its parent sees it. What it does is decided by its [Children], under whose lock
/// the fields at the top are read and written; this class starts the process, carries orders and
/// reports, and finds out how the process has ended.
final class Child {
    /// How long a process may take to end by itself after it has closed its connection.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

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

    long lastNumber;

    /// A moving average of what calls take; 0 while unknown.
    long callNanos;

    private final Children owner;
    private final String name;
    private final Path socket;
    private final Path journalFile;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final List<Thread> readers = new ArrayList<>();
    private final ReentrantLock writing = new ReentrantLock();

    /// Guarded by `writing`.
    private final ByteSink sink = new ByteSink(8192);

    /// Code that the child knows. Guarded by `writing`.
    private final Set<Long> defined = new HashSet<>();

    private final CompletableFuture<Process> handle = new CompletableFuture<>();
    private volatile @Nullable Process process;
    private volatile @Nullable SocketChannel channel;
    private volatile @Nullable Journal journal;
    private volatile boolean killed;

    /// A call that is on its way to a child.
    record Sent(long number, Job job) {}

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
        Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    private void run() {
        try {
            connect();
            read();
        } catch (ClosedChannelException _) {
            // Its process has ended before it could connect; what it has printed tells why.
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
            var _ = startProcess().onExit().thenRun(() -> closeQuietly(server));
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

    /// Sends calls, and the code that they need.
    void send(List<Sent> calls) {
        writing.lock();
        try {
            for (var call : calls) {
                var code = call.job().code;
                if (code.id() != 0 && defined.add(code.id())) {
                    new Order.Define(code.id(), code.bytes()).write(sink);
                }
                Order.call(call.number(), call.job()).write(sink);
            }
            flush();
        } finally {
            writing.unlock();
        }
    }

    /// Sends one order. That the child is dead is found out elsewhere.
    void write(Order order) {
        writing.lock();
        try {
            order.write(sink);
            flush();
        } finally {
            writing.unlock();
        }
    }

    private void flush() {
        var target = channel;
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
        } catch (IOException e) {
            throw new IllegalStateException("a journal that no child of ours has written", e);
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
