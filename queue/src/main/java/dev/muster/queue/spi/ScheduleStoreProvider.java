package dev.muster.queue.spi;

import java.util.Set;

/// Opens stores of schedules of some URL schemes. Found by [java.util.ServiceLoader].
public interface ScheduleStoreProvider {
    /// The schemes, without colon.
    Set<String> schemes();

    /// @param url its scheme is one of [#schemes()]
    /// @throws SettingsException when the URL or a setting makes no sense; an unreachable server is
    ///   no error here
    ScheduleStore open(ServiceUrl url, Environment environment);
}
