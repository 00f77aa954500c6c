package dev.muster.queue.amqp;

import static dev.muster.queue.amqp.Brokers.newQueue;
import static dev.muster.queue.amqp.Brokers.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.Servers;
import dev.muster.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfirmedChannelTest {
    /// Without heartbeats nothing else would notice it. What is large is not even written.
    @ParameterizedTest
    @ValueSource(ints = {1, 50 << 20})
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aServerThatIsSilentForTooLongIsGivenUp(int length) throws Exception {
        try (var proxy = TcpProxy.before(Servers.rabbit())) {
            var url = ServiceUrl.parse(proxy.url(Servers.rabbit().url()));
            var connection =
                    new ConnectionOpener(url, Settings.DEFAULT.with("broker_heartbeat", "0s"))
                            .open("test");
            var queue = newQueue();
            connection.createChannel().queueDeclare(queue.name(), true, false, true, Map.of());
            var channel =
                    new ConfirmedChannel(
                            connection.createChannel(), "rabbit", Duration.ofSeconds(1));
            var heard = PublishRequest.of(List.of(to(queue, "m")));
            assertThat(channel.publish(List.of(heard))).isEqualTo(ConfirmedChannel.End.ALL_SETTLED);

            proxy.pause();
            var unheard = PublishRequest.of(List.of(to(queue, "n".repeat(length))));
            assertThat(channel.publish(List.of(unheard))).isEqualTo(ConfirmedChannel.End.STUCK);

            heard.throwFailure();
            assertThatThrownBy(unheard::throwFailure)
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isTrue())
                    .hasMessageContaining("it was silent for 1 s");
            assertThat(channel.isUsable()).isFalse();
            connection.abort(0);
        }
    }
}
