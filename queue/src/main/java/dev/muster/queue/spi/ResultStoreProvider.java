package dev.muster.queue.spi;

import java.util.Set;

/// Opens result stores of some URL schemes. Found by [java.util.ServiceLoader].
public interface ResultStoreProvider {
    /// The schemes, without colon.
    Set<String> schemes();

    /// @param url its scheme is one of [#schemes()]
    /// @param broker the application's broker, for stores that send results as messages
    /// @throws SettingsException when the URL or a setting makes no sense; an unreachable server is
    ///   no error here
    ResultStore open(ServiceUrl url, Environment environment, Broker broker);
}
