package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReconnectionTest {
    private final BrokerException away = BrokerException.unreachable("faulty:", null);
    private final BrokerException refused = BrokerException.refused("no", null);

    private static Reconnection with(Map<String, ?> settings) {
        return Reconnection.of(Settings.DEFAULT.withAll(settings));
    }

    @Test
    void byDefaultAWorkerTriesForEverUnlessItIsRefused() {
        var reconnection = with(Map.of());

        assertThat(reconnection.end(away, false, 1_000_000)).isEmpty();
        assertThat(reconnection.end(away, true, 1_000_000)).isEmpty();
        assertThat(reconnection.end(refused, true, 0)).contains(refused);
    }

    @Test
    void withoutRetryTheFirstLossIsTheEnd() {
        var reconnection = with(Map.of("broker_connection_retry", false));

        assertThat(reconnection.end(away, true, 0))
                .get()
                .asString()
                .contains("faulty:", "retry is off");
        assertThat(reconnection.end(away, false, 0)).isPresent();
    }

    @Test
    void theStartMayBeMoreOrLessPatientThanWhatFollows() {
        var patient =
                with(
                        Map.of(
                                "broker_connection_retry", false,
                                "broker_connection_retry_on_startup", true));
        assertThat(patient.end(away, false, 0)).isEmpty();
        assertThat(patient.end(away, true, 0)).isPresent();

        var hasty = with(Map.of("broker_connection_retry_on_startup", false));
        assertThat(hasty.end(away, false, 0)).get().asString().contains("retry_on_startup is off");
        assertThat(hasty.end(away, true, 0)).isEmpty();
    }

    @Test
    void retriesAreCounted() {
        var reconnection = with(Map.of("broker_connection_max_retries", 2));

        assertThat(reconnection.end(away, true, 1)).isEmpty();
        assertThat(reconnection.end(away, true, 2))
                .get()
                .asString()
                .contains("tried again 2 times");
        assertThat(reconnection.patience()).isEqualTo("2 times at the most");
        assertThat(with(Map.of("broker_connection_max_retries", 0)).end(away, true, 101)).isEmpty();
    }

    @Test
    void aRefusalIsTriedAgainWhenTheSettingsSaySo() {
        var reconnection =
                with(
                        Map.of(
                                "broker_channel_error_retry",
                                true,
                                "broker_connection_max_retries",
                                1));

        assertThat(reconnection.end(refused, true, 0)).isEmpty();
        assertThat(reconnection.end(refused, true, 1)).isPresent();
    }
}
