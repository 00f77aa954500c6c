package dev.muster.parallel.shared;

import dev.muster.parallel.JoinableQueue;
import dev.muster.parallel.base.Checks;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.parallel.wire.TypeFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/// A connection to a [SharedManager], and the way to all that it owns. Thread-safe: the threads of
/// a program share one client.
///
/// ```java
/// try (var client = SharedClient.connect("build-server:7000", SharedKey.read(Path.of("muster.key")))) {
///     JoinableQueue<String> pages = client.queue("pages", String.class);
///     pages.put("https://example.org");
///     client.counter("seen").increment();
/// }
/// ```
///
/// Everything has a name, and who names it first makes it. A name stands for one thing: to ask for
/// it as another kind, with other types, or with another capacity, number of permits or of parties
/// is an error.
///
/// A method that waits does so at the manager, and is woken by it. An interrupt calls it back: it
/// throws an [InterruptedException] when nothing was done; when it was done in the last moment, it
/// returns, and the thread stays interrupted.
///
/// **When the connection is lost**, or the manager, all calls under way fail with a
/// [ManagerLostException], and so do all later ones. The client does not connect again by itself:
/// its locks are with others by then, and a new manager has nothing of the old one, which the
/// program has to know. The manager releases the locks and permits of a client that is lost, breaks
/// the barriers at which it waits, and puts a value that was on the way to it back at the head of
/// its queue. (A value that arrives in the moment of the loss may be taken once more.)
public final class SharedClient implements AutoCloseable {
    private static final Duration FOR_EVER = Duration.ofNanos(Frames.FOR_EVER);

    private final Connection connection;
    private final TypeFilter filter;

    private SharedClient(Connection connection, TypeFilter filter) {
        this.connection = connection;
        this.filter = filter;
    }

    /// Connects to a manager that has no key, on this machine.
    ///
    /// @param address `HOST:PORT`
    /// @throws ManagerException when it cannot be reached, or has a key
    public static SharedClient connect(String address) {
        return connect(address, SharedKey.NONE);
    }

    /// Connects to a manager that knows the same key.
    ///
    /// @param address `HOST:PORT`
    /// @throws ManagerException when it cannot be reached, or has another key
    public static SharedClient connect(String address, SharedKey key) {
        return connect(address, LinkOptions.of(key), TypeFilter.DATA);
    }

    /// Connects with all that can be set.
    ///
    /// @param address `HOST:PORT`
    /// @param options key, TLS, when the manager is taken for gone, the size of values
    /// @param filter the classes that values, results and exceptions from others may be made of,
    ///   besides data of the JDK and the classes that are named where something is asked for
    /// @throws ManagerException when it cannot be reached, or has another key
    public static SharedClient connect(String address, LinkOptions options, TypeFilter filter) {
        try {
            var link = Link.connect(Addresses.parse(address), SharedManager.PROTOCOL, options);
            return new SharedClient(new Connection(link), filter);
        } catch (IOException e) {
            throw new ManagerException(e.getMessage(), e);
        }
    }

    /// A queue, whatever its capacity. One that is new has 1,024.
    ///
    /// @param type the class of its values
    public <T> JoinableQueue<T> queue(String name, Class<T> type) {
        return openQueue(name, type, 0);
    }

    /// A queue of that capacity. It may hold a few values more when some have come back from
    /// clients that are lost.
    ///
    /// @param type the class of its values
    public <T> JoinableQueue<T> queue(String name, Class<T> type, int capacity) {
        return openQueue(name, type, Checks.positive("capacity", capacity));
    }

    private <T> JoinableQueue<T> openQueue(String name, Class<T> type, int capacity) {
        var codec = codec(Kind.QUEUE, name, type);
        var opened = open(Kind.QUEUE, name, codec.typeName(), capacity);
        return new SharedQueue<>(connection, opened.number(), opened.size(), codec);
    }

    /// A map.
    ///
    /// @param keys the class of its keys; see [SharedMap] for what they may be
    /// @param values the class of its values
    public <K, V> SharedMap<K, V> map(String name, Class<K> keys, Class<V> values) {
        var keyCodec = codec(Kind.MAP, name, keys);
        var valueCodec = codec(Kind.MAP, name, values);
        var types = "%s to %s".formatted(keyCodec.typeName(), valueCodec.typeName());
        var opened = open(Kind.MAP, name, types, 0);
        return new SharedMap<>(connection, opened.number(), keyCodec, valueCodec);
    }

    /// A list.
    ///
    /// @param type the class of its values
    public <T> SharedList<T> list(String name, Class<T> type) {
        var codec = codec(Kind.LIST, name, type);
        var opened = open(Kind.LIST, name, codec.typeName(), 0);
        return new SharedList<>(connection, opened.number(), codec);
    }

    /// A counter.
    public SharedCounter counter(String name) {
        return new SharedCounter(connection, open(Kind.COUNTER, name, "", 0).number());
    }

    /// A lock.
    public SharedLock lock(String name) {
        return new SharedLock(connection, open(Kind.LOCK, name, "", 0).number());
    }

    /// A semaphore with so many permits in all.
    public SharedSemaphore semaphore(String name, int permits) {
        Checks.positive("permits", permits);
        return new SharedSemaphore(connection, open(Kind.SEMAPHORE, name, "", permits).number());
    }

    /// A barrier for so many parties.
    public SharedBarrier barrier(String name, int parties) {
        Checks.positive("parties", parties);
        return new SharedBarrier(
                connection, open(Kind.BARRIER, name, "", parties).number(), parties);
    }

    /// An event.
    public SharedEvent event(String name) {
        return new SharedEvent(connection, open(Kind.EVENT, name, "", 0).number());
    }

    /// An object that the manager's program has registered. Calls of its methods run there. What
    /// they throw is thrown here, or, where that is not possible, told by a
    /// [SharedObjectException].
    ///
    /// @param type the interface by which it was registered
    /// @throws IllegalArgumentException when none is registered by that name and interface
    public <T> T object(String name, Class<T> type) {
        return object(name, type, FOR_EVER);
    }

    /// The same with a limit for each call. One that takes longer is interrupted at the manager,
    /// and a [SharedObjectException] is thrown here.
    ///
    /// @param type the interface by which it was registered
    /// @throws IllegalArgumentException when none is registered by that name and interface
    public <T> T object(String name, Class<T> type, Duration limit) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(
                    "objects are shared by an interface, %s is none".formatted(type.getName()));
        }
        var opened = open(Kind.OBJECT, name, type.getName(), 0);
        return ObjectProxy.of(type, connection, opened.number(), name, limit, filter);
    }

    /// Forgets a name, so that it can be used for something else. Who has asked for it before can
    /// go on with what he has.
    ///
    /// @return whether there was something by that name
    /// @throws IllegalArgumentException when it is a registered object
    public boolean delete(String name) {
        return connection
                .call(Verb.DELETE, 0, arguments -> Frames.writeText(arguments, name))
                .readTruth();
    }

    private <T> Codec<T> codec(Kind kind, String name, Class<T> type) {
        return new Codec<>(type, "%s '%s'".formatted(kind.noun(), name), filter);
    }

    private record Opened(int number, int size) {}

    private Opened open(Kind kind, String name, String types, int size) {
        Objects.requireNonNull(name, "name");
        var reply =
                connection.call(
                        Verb.OPEN,
                        0,
                        arguments -> {
                            Frames.writeOneOf(arguments, kind);
                            arguments.writeInt(size);
                            Frames.writeText(arguments, name);
                            Frames.writeText(arguments, types);
                        });
        return new Opened(reply.readInt(), reply.readInt());
    }

    /// Ends the connection: what this client holds is released. Its calls that are under way fail.
    /// Twice is harmless.
    @Override
    public void close() {
        connection.close();
    }
}
