package dev.muster.parallel.cluster;

import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.base.Checks;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.SharedKey;
import java.nio.file.Path;
import java.time.Duration;

/// How a [PoolServer] works. Immutable.
public final class PoolServerOptions {
    /// No key, and as many slots as this JVM may use processors.
    public static final PoolServerOptions DEFAULT = builder().build();

    final int slots;
    final LinkOptions link;
    final Path codeFolder;
    final long codeLimit;
    final Duration linger;
    final ProcessOptions processes;
    final int discoveryPort;

    private PoolServerOptions(Builder builder) {
        slots = builder.slots;
        link = builder.link;
        codeFolder = builder.codeFolder;
        codeLimit = builder.codeLimit;
        linger = builder.linger;
        processes = builder.processes;
        discoveryPort = builder.discoveryPort;
    }

    /// Options that differ from the default.
    public static Builder builder() {
        return new Builder();
    }

    /// Collects options. Used by one thread.
    public static final class Builder {
        private int slots = Runtime.getRuntime().availableProcessors();
        private LinkOptions link = LinkOptions.DEFAULT;
        private Path codeFolder = userCache().resolve("muster").resolve("code");
        private long codeLimit = 2L << 30;
        private Duration linger = Duration.ofSeconds(30);
        private ProcessOptions processes = ProcessOptions.builder().name("served").build();
        private int discoveryPort = Discovery.PORT;

        private Builder() {}

        private static Path userCache() {
            var folder = System.getenv("XDG_CACHE_HOME");
            // The specification says that a relative one is not meant.
            return folder != null && Path.of(folder).isAbsolute()
                    ? Path.of(folder)
                    : Path.of(System.getProperty("user.home"), ".cache");
        }

        /// How many calls run at once, for all clients together. By default as many as this JVM may
        /// use processors.
        public Builder slots(int value) {
            slots = Checks.positive("slots", value);
            return this;
        }

        /// What clients have to know as well. Needed to listen beyond the loopback interface: who
        /// knows it may run any code here.
        public Builder key(SharedKey value) {
            link = link.withKey(value);
            return this;
        }

        /// Key, TLS, and limits of connections. The limit of frames is that of calls, but for large
        /// byte arrays and buffers, which have none.
        ///
        /// @throws IllegalArgumentException when the limit of frames is less than 64 KB
        public Builder link(LinkOptions value) {
            link = Conversation.check(value);
            return this;
        }

        /// Where the class paths of clients are kept; by default `muster/code` in the user's cache
        /// folder. Several servers may share one.
        public Builder codeFolder(Path value) {
            codeFolder = value.toAbsolutePath();
            return this;
        }

        /// How many bytes of class paths are kept, besides those in use. By default 2 GB.
        public Builder codeLimit(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("codeLimit must be 0 or more, was " + bytes);
            }
            codeLimit = bytes;
            return this;
        }

        /// How long the child processes of a program are kept after its last client has gone. By
        /// default 30 seconds.
        public Builder linger(Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException("linger must not be negative, was " + value);
            }
            linger = value;
            return this;
        }

        /// How child processes are started. Clients have their own class path and initializer.
        public Builder processes(ProcessOptions value) {
            if (value.initializer() != null) {
                throw new IllegalArgumentException(
                        "children of a server run the initializers of its clients; give it to the ClusterPool");
            }
            processes = value;
            return this;
        }

        /// The UDP port on which clients ask for servers; by default 7474.
        public Builder discoveryPort(int value) {
            if (value < 1 || value > Discovery.MAX_PORT) {
                throw new IllegalArgumentException("a port is from 1 to 65535, was " + value);
            }
            discoveryPort = value;
            return this;
        }

        /// Has clients name this server, as it does not answer when they ask for servers.
        public Builder hidden() {
            discoveryPort = 0;
            return this;
        }

        /// The options.
        public PoolServerOptions build() {
            return new PoolServerOptions(this);
        }
    }
}
