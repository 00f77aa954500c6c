package dev.muster.queue;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import java.util.Optional;

/// How long a worker tries to reach a broker that it has lost, as the settings
/// `broker_connection_…` say.
///
/// @param atFirst whether it tries again when it has never reached it
/// @param later whether it tries again when it has lost it
/// @param afterRefusal whether it tries again when the broker has refused something
/// @param maxRetries how often in a row; empty for no limit
record Reconnection(
        boolean atFirst, boolean later, boolean afterRefusal, Optional<Integer> maxRetries) {
    static Reconnection of(Settings settings) {
        var retry = settings.get(Setting.BROKER_CONNECTION_RETRY);
        return new Reconnection(
                settings.get(Setting.BROKER_CONNECTION_RETRY_ON_STARTUP).orElse(retry),
                retry,
                settings.get(Setting.BROKER_CHANNEL_ERROR_RETRY),
                settings.get(Setting.BROKER_CONNECTION_MAX_RETRIES));
    }

    /// Why the worker ends now, if it does not try again.
    ///
    /// @param connected whether it has ever reached the broker
    /// @param retries how often it has tried again since it last has
    Optional<MusterException> end(BrokerException failure, boolean connected, int retries) {
        if (!failure.isTransient() && !afterRefusal) {
            return Optional.of(failure);
        }
        if (!(connected ? later : atFirst)) {
            return Optional.of(
                    because(
                            failure,
                            "%s is off"
                                    .formatted(
                                            connected
                                                    ? Setting.BROKER_CONNECTION_RETRY
                                                    : Setting.BROKER_CONNECTION_RETRY_ON_STARTUP)));
        }
        return maxRetries
                .filter(most -> retries >= most)
                .map(most ->
                        because(
                                failure,
                                "tried again %d times, as %s says"
                                        .formatted(most, Setting.BROKER_CONNECTION_MAX_RETRIES)));
    }

    private static MusterException because(BrokerException failure, String reason) {
        return new MusterException("%s (%s)".formatted(failure.getMessage(), reason), failure);
    }

    /// How long it goes on, for a message.
    String patience() {
        return maxRetries
                .map("%d times at the most"::formatted)
                .orElse("until the worker is stopped");
    }
}
