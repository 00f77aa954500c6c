package dev.muster.parallel.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of connections that were refused, without letting strangers fill the log: of each host
/// once in a minute, the rest at the level DEBUG. Thread-safe.
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    /// Hosts to remember. A stranger with more addresses than that is told of more often.
    private static final int MAX_HOSTS = 256;

    private final LongSupplier ticker;

    /// When each host was told of. Guarded by this.
    private final Map<String, Long> told =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MAX_HOSTS;
                }
            };

    /// @param ticker elapsed time in nanoseconds
    Refusals(LongSupplier ticker) {
        this.ticker = ticker;
    }

    /// @param peer the address with its port
    void tell(String host, String peer, IOException reason) {
        if (isNews(host)) {
            LOG.warn(
                    "Refused a connection from {}: {}. More from that host within a minute are logged as DEBUG.",
                    peer,
                    reason.getMessage());
        } else {
            LOG.debug("Refused a connection from {}: {}", peer, reason.getMessage());
        }
    }

    private synchronized boolean isNews(String host) {
        var now = ticker.getAsLong();
        var last = told.get(host);
        if (last != null && now - last < PAUSE_NANOS) {
            return false;
        }
        told.put(host, now);
        return true;
    }
}
