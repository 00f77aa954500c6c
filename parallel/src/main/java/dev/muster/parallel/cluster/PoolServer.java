package dev.muster.parallel.cluster;

import dev.muster.parallel.base.PrivateFolder;
import dev.muster.parallel.child.Children;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs calls of [ClusterPool]s on other machines, in child processes.
///
/// ```java
/// var options = PoolServerOptions.builder().key(SharedKey.read(Path.of("muster.key"))).build();
/// try (var server = PoolServer.listen("0.0.0.0:7474", options)) {
///     Thread.currentThread().join();
/// }
/// ```
///
/// A client brings its class path, of which the server keeps what it has not yet seen. Clients with
/// the same class path share child processes; each of these runs one call at a time, and no more
/// run at once than the server has slots, whatever the number of clients, who take turns. When a
/// client goes, its calls are given up.
///
/// **Who knows the key may run any code** with the rights of the server's user. Without a key it
/// only listens on the loopback interface, where all users of the machine may. What is sent can be
/// read by others on the network, unless there is TLS. Thread-safe.
public final class PoolServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolServer.class);

    private final PoolServerOptions options;
    private final String id = Nonce.text();
    private final PrivateFolder folder = PrivateFolder.open();
    private final CodeCache cache;
    private final SlotShare share;
    private final ScheduledExecutorService cleaner =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("pool-server-cleaner").factory());
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Set<Program> programs = new HashSet<>();
    private final Map<String, Program> byId = new HashMap<>();
    private boolean closed;

    private final LinkServer links;
    private final @Nullable Beacon beacon;

    private PoolServer(InetSocketAddress address, PoolServerOptions options) throws IOException {
        this.options = options;
        this.share = new SlotShare(options.slots);
        LinkServer listening = null;
        Beacon answering = null;
        try {
            cache = new CodeCache(options.codeFolder, options.codeLimit, InstantSource.system());
            listening = LinkServer.listen(address, Message.PROTOCOL, options.link, this::serve);
            if (options.discoveryPort != 0) {
                answering =
                        Beacon.open(
                                options.discoveryPort,
                                options.link.key(),
                                id,
                                listening.address(),
                                options.slots);
            }
        } catch (IOException | RuntimeException e) {
            if (listening != null) {
                listening.close();
            }
            folder.close();
            throw e;
        }
        links = listening;
        beacon = answering;
    }

    /// The same at `HOST:PORT`.
    public static PoolServer listen(String address, PoolServerOptions options) throws IOException {
        return listen(Addresses.parse(address), options);
    }

    /// @param address port 0 for any that is free; see [#address]
    /// @throws IllegalArgumentException when there is no key, and the address is not one of the
    ///   loopback interface: everybody on the network could run code here
    /// @throws IOException when the address is taken, or is not one of this machine, or the folder
    ///   for code cannot be made
    public static PoolServer listen(InetSocketAddress address, PoolServerOptions options)
            throws IOException {
        return new PoolServer(address, options);
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return links.address();
    }

    /// How many calls can run at once.
    public int slots() {
        return options.slots;
    }

    String id() {
        return id;
    }

    /// For what is large in calls.
    Path folder() {
        return folder.path();
    }

    private void serve(Link link) {
        new Session(this, share, link).run();
    }

    /// Finds the program of a client, or makes it.
    ///
    /// @throws IOException when the client's code cannot be had
    Program join(Message.Hello hello, Session session) throws IOException {
        var known = join(hello.program());
        if (known.isPresent()) {
            session.fetch(hello.code(), List.of(), cache);
            return known.get();
        }
        var classPath = use(hello.code(), session);
        lock.lock();
        try {
            var other = join(hello.program());
            if (other.isPresent()) {
                release(classPath);
                return other.get();
            }
            if (closed) {
                release(classPath);
                throw new IOException("the server is closed");
            }
            var program =
                    new Program(
                            hello.program(),
                            classPath,
                            classes ->
                                    new Children(
                                            options.slots,
                                            options.processes.childOptions(
                                                    classPath,
                                                    initializer(hello),
                                                    options.codeFolder),
                                            classes));
            program.sessions = 1;
            programs.add(program);
            byId.put(program.id(), program);
            return program;
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable Code initializer(Message.Hello hello) {
        return hello.initializer() == null ? null : new Code(0, hello.initializer());
    }

    private Optional<Program> join(String programId) {
        lock.lock();
        try {
            var program = byId.get(programId);
            if (program == null || program.isBroken()) {
                return Optional.empty();
            }
            program.sessions++;
            return Optional.of(program);
        } finally {
            lock.unlock();
        }
    }

    private List<Path> use(List<CodeEntry> code, Session session) throws IOException {
        var used = new HashMap<Integer, Path>();
        try {
            var lacking = new ArrayList<Integer>();
            for (var index = 0; index < code.size(); index++) {
                var file = cache.use(code.get(index));
                if (file.isPresent()) {
                    used.put(index, file.get());
                } else {
                    lacking.add(index);
                }
            }
            session.fetch(code, lacking, cache);
            for (int index : lacking) {
                var entry = code.get(index);
                used.put(
                        index,
                        cache.use(entry)
                                .orElseThrow(() ->
                                        new IOException(
                                                "%s has vanished from %s"
                                                        .formatted(
                                                                entry.name(),
                                                                options.codeFolder))));
            }
        } catch (IOException | RuntimeException e) {
            release(List.copyOf(used.values()));
            throw e;
        }
        cache.trim();
        var classPath = new ArrayList<Path>();
        for (var index = 0; index < code.size(); index++) {
            classPath.add(used.get(index));
        }
        return classPath;
    }

    private void release(List<Path> classPath) {
        for (var file : classPath) {
            try {
                cache.release(file);
            } catch (IOException e) {
                LOG.warn("{} cannot be closed: {}", file, e.toString());
            }
        }
    }

    /// Takes in that a client of a program has gone.
    void leave(Program program) {
        lock.lock();
        try {
            program.sessions--;
            if (program.sessions == 0) {
                var _ =
                        cleaner.schedule(
                                () -> closeIfUnused(program),
                                options.linger.toNanos(),
                                TimeUnit.NANOSECONDS);
            }
        } catch (RejectedExecutionException _) {
            // The server is being closed, and closes all programs.
        } finally {
            lock.unlock();
        }
    }

    private void closeIfUnused(Program program) {
        lock.lock();
        try {
            if (program.sessions > 0 || program.closed) {
                return;
            }
            forget(program);
        } finally {
            lock.unlock();
        }
        close(program);
    }

    private void forget(Program program) {
        program.closed = true;
        programs.remove(program);
        byId.remove(program.id(), program);
    }

    private void close(Program program) {
        program.close();
        release(program.classPath());
        cache.trim();
    }

    /// How many programs there are whose child processes are kept.
    int programs() {
        lock.lock();
        try {
            return programs.size();
        } finally {
            lock.unlock();
        }
    }

    /// Listens no more, gives up all calls, and ends all child processes. Twice is harmless.
    @Override
    public void close() {
        if (beacon != null) {
            beacon.close();
        }
        links.close();
        cleaner.shutdownNow();
        List<Program> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(programs);
            left.forEach(this::forget);
        } finally {
            lock.unlock();
        }
        left.forEach(this::close);
        folder.close();
    }
}
