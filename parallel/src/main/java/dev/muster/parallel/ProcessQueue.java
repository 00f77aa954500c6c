package dev.muster.parallel;

import dev.muster.parallel.ring.OwnerLostException;
import dev.muster.parallel.ring.Role;
import dev.muster.parallel.ring.SharedQueue;
import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A queue between processes of one machine. It is passed to a child process as an argument, and is
/// the same queue there.
///
/// ```java
/// var words = ProcessQueue.<String>bounded(1_000);
/// try (var pool = Pool.processes(2)) {
///     pool.submit(Crawler::fetch, words);
///     words.put("https://example.org/");
/// }
/// ```
///
/// Values are copied: they must be `Serializable`, and are made again where they are taken. A small
/// one costs less than a microsecond, as it passes through memory that the processes share; large
/// ones go through a file in memory.
///
/// - **Order**: all who take see the same order, in which values of one thread keep theirs.
/// - **Faults**: a process may be killed at any moment. A value whose `put` has returned is taken
///   once; one that was taken by a process that is killed is gone with it, and [#join] without a
///   limit waits for its `taskDone` in vain.
/// - **Life**: the queue lives in the process that has made it. When that ends, however it ends,
///   the methods of the others throw a [QueueLostException], and so do those that wait.
/// - **Close**: any process may; it holds for all.
///
/// Besides what the interface says, methods that add a value throw an `IllegalArgumentException`
/// when it, or a part of it, is not serializable, and an `UncheckedIOException` when no memory is
/// left for it. Those that take one throw an `UncheckedIOException` when it cannot be made again,
/// such as when its class is not known there; it is taken nevertheless.
///
/// Thread-safe, and for virtual threads as well.
///
/// @param <T> what is in it; never null
public final class ProcessQueue<T> implements JoinableQueue<T>, Serializable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final SecureRandom IDS = new SecureRandom();

    /// The queues that this process knows, by their folder. It is for the whole process, as a queue
    /// that is read twice from a stream must be one: each has a number of its own among the
    /// processes, a connection and a thread.
    private static final Map<Path, WeakReference<ProcessQueue<?>>> KNOWN =
            new ConcurrentHashMap<>();

    private final transient SharedQueue shared;
    private final transient Values values;
    private final transient Ticket ticket;

    private ProcessQueue(SharedQueue shared, Ticket ticket) {
        var loader = Thread.currentThread().getContextClassLoader();
        this.shared = shared;
        this.ticket = ticket;
        this.values =
                new Values(
                        loader == null ? ProcessQueue.class.getClassLoader() : loader,
                        TypeFilter.PROGRAM,
                        shared.ownFolder());
        CLEANER.register(this, shared::release);
    }

    /// Makes a queue, which lives in this process.
    ///
    /// @param capacity how many values it holds at most; up to 4,194,304
    /// @throws UncheckedIOException when there is no memory left for it
    public static <T> ProcessQueue<T> bounded(int capacity) {
        var id = IDS.nextLong();
        try {
            var shared = SharedQueue.create(id, capacity);
            var owner = ProcessHandle.current();
            var folder = shared.folder();
            var ticket = new Ticket(folder.toString(), id, capacity, owner.pid(), started(owner));
            var queue = new ProcessQueue<T>(shared, ticket);
            KNOWN.put(folder, new WeakReference<>(queue));
            CLEANER.register(queue, () -> KNOWN.remove(folder));
            return queue;
        } catch (IOException e) {
            throw new UncheckedIOException("no queue can be made between processes", e);
        }
    }

    private static @Nullable Instant started(ProcessHandle process) {
        return process.info().startInstant().orElse(null);
    }

    @Override
    public void put(T value) throws InterruptedException {
        var _ = add(value, Long.MAX_VALUE);
    }

    @Override
    public boolean offer(T value, Duration limit) throws InterruptedException {
        return add(value, TimeUnit.NANOSECONDS.convert(limit));
    }

    private boolean add(T value, long nanos) throws InterruptedException {
        Objects.requireNonNull(value, "value");
        refuseInterrupted();
        try {
            return switch (shared.offer(pack(value), nanos)) {
                case ADDED -> true;
                case FULL -> false;
                case CLOSED ->
                        throw new QueueClosedException(
                                "the queue is closed; put values before close()");
            };
        } catch (ClosedByInterruptException _) {
            throw interrupted();
        } catch (OwnerLostException e) {
            throw new QueueLostException(e);
        } catch (IOException e) {
            throw new UncheckedIOException("the value could not be put", e);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private Packed pack(T value) throws IOException {
        try {
            return values.pack(value);
        } catch (java.io.NotSerializableException e) {
            throw new IllegalArgumentException(
                    "the value cannot go to another process: " + e.getMessage(), e);
        }
    }

    private static void refuseInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /// The channel of a file that was being written has found the interrupt first.
    private static InterruptedException interrupted() {
        var _ = Thread.interrupted();
        return new InterruptedException();
    }

    @Override
    public T take() throws InterruptedException {
        return remove(Long.MAX_VALUE)
                .orElseThrow(() -> new QueueClosedException("the queue is closed and empty"));
    }

    @Override
    public Optional<T> poll(Duration limit) throws InterruptedException {
        return remove(TimeUnit.NANOSECONDS.convert(limit));
    }

    private Optional<T> remove(long nanos) throws InterruptedException {
        refuseInterrupted();
        try {
            var packed = shared.poll(nanos);
            return packed == null ? Optional.empty() : Optional.of(unpack(packed));
        } catch (OwnerLostException e) {
            throw new QueueLostException(e);
        } catch (ClassNotFoundException e) {
            throw new UncheckedIOException(
                    "a value was taken whose class is not known here", new IOException(e));
        } catch (IOException e) {
            throw new UncheckedIOException("a value was taken that cannot be read", e);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @SuppressWarnings("unchecked") // only values of this type were put
    private T unpack(Packed packed) throws IOException, ClassNotFoundException {
        return (T) Objects.requireNonNull(values.unpack(packed));
    }

    @Override
    public void taskDone() {
        try {
            if (!shared.taskDone()) {
                throw TakenValues.allDone();
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void join() throws InterruptedException {
        var _ = awaitDone(Long.MAX_VALUE);
    }

    @Override
    public boolean join(Duration limit) throws InterruptedException {
        return awaitDone(TimeUnit.NANOSECONDS.convert(limit));
    }

    private boolean awaitDone(long nanos) throws InterruptedException {
        refuseInterrupted();
        try {
            return shared.awaitDone(nanos);
        } catch (OwnerLostException e) {
            throw new QueueLostException(e);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public int size() {
        return shared.size();
    }

    @Override
    public int capacity() {
        return shared.capacity();
    }

    @Override
    public Iterator<T> iterator() {
        return new TakenValues<>(this::take);
    }

    @Override
    public void close() {
        try {
            shared.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /// Whether it is closed and empty.
    boolean isEnded() {
        return shared.isEnded();
    }

    /// The queue is closed when the last process in this role has ended.
    void declare(Role role) {
        shared.declare(role);
    }

    private Object writeReplace() {
        shared.passOn();
        return ticket;
    }

    private void readObject(ObjectInputStream stream) throws InvalidObjectException {
        throw new InvalidObjectException("a queue travels as its ticket");
    }

    /// What a queue is in a stream: where it is found.
    ///
    /// @param id tells it from a later queue in the same place
    /// @param owner the process that has made it, and when that was started
    private record Ticket(
            String folder, long id, int capacity, long owner, @Nullable Instant started)
            implements Serializable {
        private Object readResolve() throws InvalidObjectException {
            return join(this);
        }
    }

    private static ProcessQueue<?> join(Ticket ticket) throws InvalidObjectException {
        var folder = Path.of(ticket.folder());
        synchronized (KNOWN) {
            var reference = KNOWN.get(folder);
            var known = reference == null ? null : reference.get();
            if (known != null && known.ticket.id() == ticket.id()) {
                return known;
            }
            try {
                var joined = new ProcessQueue<>(SharedQueue.join(folder, ticket.id()), ticket);
                var weak = new WeakReference<ProcessQueue<?>>(joined);
                KNOWN.put(folder, weak);
                CLEANER.register(joined, () -> KNOWN.remove(folder, weak));
                return joined;
            } catch (IOException e) {
                return ended(ticket, e);
            }
        }
    }

    /// The owner frees a queue that nobody can use any more: it was closed, and all was taken. For
    /// one who comes later it is just that.
    private static ProcessQueue<?> ended(Ticket ticket, IOException e)
            throws InvalidObjectException {
        var lives =
                ProcessHandle.of(ticket.owner())
                        .map(owner -> Objects.equals(started(owner), ticket.started()))
                        .orElse(false);
        if (!lives || Files.exists(Path.of(ticket.folder()))) {
            throw new InvalidObjectException("the queue cannot be reached: " + e.getMessage(), e);
        }
        var ended = bounded(ticket.capacity());
        ended.close();
        return ended;
    }
}
