package dev.muster.queue.amqp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.BrokerException;
import dev.muster.testkit.ControlContract;
import dev.muster.testkit.Servers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AmqpControlTest extends ControlContract {
    @Override
    protected Map<String, Object> settings() {
        return Map.of("broker_url", Servers.rabbit().url() + "//");
    }

    @Test
    void aCommandThatTheBrokerRefusesIsNotTakenForSent() {
        var url = Servers.rabbit().url().replace("guest:guest@", "nobody:wrong@");
        try (var muster = Muster.builder().set("broker_url", url).build()) {
            assertThatThrownBy(() -> muster.control().tell("shutdown"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("user and password");
        }
    }
}
