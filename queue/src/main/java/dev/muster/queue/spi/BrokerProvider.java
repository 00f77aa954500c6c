package dev.muster.queue.spi;

import java.util.Set;

/// Opens brokers of some URL schemes. Found by [java.util.ServiceLoader].
public interface BrokerProvider {
    /// The schemes, without colon: `redis`, `rediss`.
    Set<String> schemes();

    /// @param url its scheme is one of [#schemes()]
    /// @throws SettingsException when the URL or a setting makes no sense; an unreachable server is
    ///   no error here
    Broker open(ServiceUrl url, Environment environment);
}
