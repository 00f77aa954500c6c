package dev.muster.parallel.shared;

import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.LinkServer;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.parallel.wire.TypeFilter;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Owns what several programs share, and serves them over TCP. Thread-safe.
///
/// ```java
/// try (var manager = SharedManager.listen("0.0.0.0:7000", SharedKey.read(Path.of("muster.key")))) {
///     manager.register("prices", Prices.class, new DailyPrices());
///     …
/// }
/// ```
///
/// Clients make queues, maps and the like by asking for them, so this program need not know of
/// them. Everything is in memory: it ends with the manager.
///
/// Clients prove that they know the key, and so does the manager. Without a key it listens only on
/// the loopback interface, where every user of this machine can use it. What is sent after that is
/// plain text, unless the options have TLS.
public final class SharedManager implements AutoCloseable {
    static final String PROTOCOL = "muster-manager/1";

    private final Registry registry;
    private final ExecutorService objectThreads;
    private final LinkServer server;

    private SharedManager(Registry registry, ExecutorService objectThreads, LinkServer server) {
        this.registry = registry;
        this.objectThreads = objectThreads;
        this.server = server;
    }

    /// Listens without a key, for programs of this machine.
    ///
    /// @param address `HOST:PORT`; port 0 for any that is free, see [#address]
    /// @throws IllegalArgumentException when the address is not one of the loopback interface
    /// @throws ManagerException when the port is taken
    public static SharedManager listen(String address) {
        return listen(address, LinkOptions.DEFAULT);
    }

    /// Listens for those who know the key.
    ///
    /// @param address `HOST:PORT`; `0.0.0.0` for all addresses of this machine
    /// @throws ManagerException when the address cannot be had
    public static SharedManager listen(String address, SharedKey key) {
        return listen(address, LinkOptions.of(key));
    }

    /// Listens with all that can be set: a key, TLS, when clients are taken for gone, the size of
    /// values.
    ///
    /// @throws IllegalArgumentException when there is no key and the address is not one of the
    ///   loopback interface
    /// @throws ManagerException when the address cannot be had
    public static SharedManager listen(String address, LinkOptions options) {
        var registry = new Registry();
        var threads =
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().daemon().name("shared-object-", 1).factory());
        try {
            var server =
                    LinkServer.listen(
                            Addresses.parse(address),
                            PROTOCOL,
                            options,
                            link -> new Session(link, registry, threads).run());
            return new SharedManager(registry, threads, server);
        } catch (IOException e) {
            throw new ManagerException(e.getMessage(), e);
        }
    }

    /// Where it listens, as [SharedClient#connect] takes it.
    public String address() {
        return Addresses.text(server.address());
    }

    /// Lets clients call an object's methods, those of the interface and no others. Their arguments
    /// may be plain data of the JDK.
    ///
    /// @throws IllegalArgumentException when the type is no interface, or the name is taken
    public <T> void register(String name, Class<T> type, T object) {
        register(name, type, object, TypeFilter.DATA);
    }

    /// Lets clients call an object's methods, those of the interface and no others. Each call runs
    /// on a thread of its own, and is interrupted when the client gives up or is gone. What a
    /// method throws is thrown at the client.
    ///
    /// @param filter the classes that arguments may be made of, besides data of the JDK
    /// @throws IllegalArgumentException when the type is no interface, or the name is taken
    public <T> void register(String name, Class<T> type, T object, TypeFilter filter) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(
                    "objects are shared by an interface, %s is none".formatted(type.getName()));
        }
        registry.register(name, type, new ObjectResource(type, object, filter));
    }

    /// Ends all connections; the clients are told. Twice is harmless.
    @Override
    public void close() {
        server.close();
        objectThreads.shutdownNow();
    }
}
