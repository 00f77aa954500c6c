package dev.muster.parallel.cluster;

import dev.muster.parallel.base.Joins;
import dev.muster.parallel.wire.SharedKey;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks for servers again and again, on a thread of its own.
final class Finder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterPool.class);

    private final Discovery discovery;
    private final Seeker seeker;
    private final Consumer<FoundServer> found;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private Finder(Discovery discovery, Seeker seeker, Consumer<FoundServer> found) {
        this.discovery = discovery;
        this.seeker = seeker;
        this.found = found;
        this.thread = Thread.ofVirtual().name("cluster-finder").start(this::run);
    }

    /// @param found is told of each server each time
    static Finder start(Discovery discovery, SharedKey key, Consumer<FoundServer> found)
            throws IOException {
        return new Finder(discovery, Seeker.open(discovery, key), found);
    }

    private void run() {
        var wasTold = false;
        try {
            while (!isClosed()) {
                try {
                    seeker.ask();
                    seeker.listen(discovery.interval(), found);
                    wasTold = false;
                } catch (IOException e) {
                    if (!isClosed() && !wasTold) {
                        wasTold = true;
                        LOG.warn("Servers cannot be looked for now: {}", e.toString());
                    }
                    var _ = closed.await(discovery.interval().toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of a finder", e);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public void close() {
        closed.countDown();
        seeker.close();
        Joins.uninterruptibly(thread);
    }
}
