package dev.muster.parallel.cluster;

import dev.muster.parallel.JobPool;
import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.base.PrivateFolder;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A pool whose calls run in child processes here and at [PoolServer]s on other machines.
///
/// ```java
/// try (var pool = ClusterPool.builder().local(2).server("worker-7:7474").discover().key(key).open()) {
///     List<Long> sums = pool.map(Primes::sumBelow, List.of(100_000, 200_000, 300_000));
///     IO.println(pool.statistics());
/// }
/// ```
///
/// A call goes where it is expected to be done first, by what calls have taken there and by what is
/// there already. Short calls are sent ahead, so that a server is busy while results are on their
/// way; what waits at one server is taken back when another has nothing to do.
///
/// **A call can run twice**: when a server disappears, its calls are run elsewhere, also those that
/// it had begun, or had done without us hearing of it. Otherwise the pool behaves as one of
/// processes does: a call whose process dies fails with a `WorkerProcessDiedException`, at a server
/// as well.
///
/// Servers are connected in the background, and again after they were away. Without local slots,
/// calls wait until there is one; they fail only when all servers refuse us, as with a wrong key.
///
/// The program travels to a server with its class path, which is sent once. A class that is on no
/// class path, as that of a single source file, is sent when it is needed. Servers run the same
/// Java, with options of their own. Thread-safe.
public final class ClusterPool extends JobPool {
    private final Dispatcher dispatcher;

    private ClusterPool(Builder builder) {
        var folder = PrivateFolder.open();
        var dispatcher = new Dispatcher(builder.discovery != null);
        super(dispatcher, builder.processes.values(folder.path()));
        this.dispatcher = dispatcher;
        dispatcher.closeAtEnd(folder::close);
        try {
            builder.furnish(dispatcher, folder.path());
        } catch (RuntimeException e) {
            dispatcher.shutdown();
            throw e;
        }
    }

    /// A pool of as many local processes as this JVM may use processors, and what is added to it.
    public static Builder builder() {
        return new Builder();
    }

    /// What has been done where until now.
    public ClusterStatistics statistics() {
        return dispatcher.statistics();
    }

    /// How many calls can run at once, here and at all servers that are there.
    @Override
    public int size() {
        return super.size();
    }

    /// Changes the number of local slots. Calls that run go on.
    ///
    /// @throws IllegalStateException when it was opened without any
    @Override
    public void resize(int size) {
        super.resize(size);
    }

    /// Collects what a pool is made of. Used by one thread.
    public static final class Builder {
        private final Set<String> servers = new LinkedHashSet<>();
        private int local = Runtime.getRuntime().availableProcessors();
        private ProcessOptions processes = ProcessOptions.DEFAULT;
        private LinkOptions link = LinkOptions.DEFAULT;
        private @Nullable Discovery discovery;

        private Builder() {}

        /// How many calls run at once in child processes of this JVM; 0 for none. By default as
        /// many as this JVM may use processors.
        public Builder local(int slots) {
            if (slots < 0) {
                throw new IllegalArgumentException("local must be 0 or more, was " + slots);
            }
            local = slots;
            return this;
        }

        /// How local processes are started. The initializer runs in processes at servers, too.
        public Builder processes(ProcessOptions value) {
            processes = value;
            return this;
        }

        /// Adds a server.
        ///
        /// @param address `HOST:PORT`
        public Builder server(String address) {
            var _ = Addresses.parse(address);
            servers.add(address);
            return this;
        }

        /// Adds all servers that answer on the networks of this machine, also those that come
        /// later. Without a key, only those on this machine.
        public Builder discover() {
            return discover(Discovery.DEFAULT);
        }

        /// The same with other addresses, another port, or another interval.
        public Builder discover(Discovery value) {
            discovery = value;
            return this;
        }

        /// What servers have to know as well.
        public Builder key(SharedKey value) {
            link = link.withKey(value);
            return this;
        }

        /// Key, TLS, and limits of connections. The limit of frames is that of results, but for
        /// large byte arrays and buffers, which have none.
        ///
        /// @throws IllegalArgumentException when the limit of frames is less than 64 KB
        public Builder link(LinkOptions value) {
            link = Conversation.check(value);
            return this;
        }

        /// The pool. Servers are connected in the background.
        ///
        /// @throws IllegalStateException when there is nowhere to run a call
        /// @throws IllegalArgumentException when servers of others than users of this machine would
        ///   be looked for without a key
        public ClusterPool open() {
            if (local == 0 && servers.isEmpty() && discovery == null) {
                throw new IllegalStateException(
                        "no local slots and no servers: nowhere to run a call; name a server, or discover some");
            }
            return new ClusterPool(this);
        }

        private void furnish(Dispatcher dispatcher, Path folder) {
            if (local > 0) {
                dispatcher.add(new LocalPlace(dispatcher, processes.children(local), local));
            }
            var initializer = processes.initializer();
            var code =
                    new OwnCode(
                            ProcessOptions.loader(),
                            initializer == null ? null : initializer.bytes());
            for (var server : servers) {
                new ServerPlace(dispatcher, server, link, code, folder, true).start();
            }
            if (discovery != null) {
                find(discovery, dispatcher, code, folder);
            }
        }

        private void find(Discovery how, Dispatcher dispatcher, OwnCode code, Path folder) {
            try {
                var finder =
                        Finder.start(
                                how,
                                link.key(),
                                found ->
                                        new ServerPlace(
                                                        dispatcher,
                                                        found.address(),
                                                        link,
                                                        code,
                                                        folder,
                                                        false)
                                                .found(found.id())
                                                .start());
                dispatcher.closeAtEnd(finder::close);
            } catch (IOException e) {
                throw new UncheckedIOException("servers cannot be looked for: " + e, e);
            }
        }
    }
}
