package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Settings;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What rooms with a database can do is tested there.
class TransactionTest {
    private final Connection transaction =
            (Connection)
                    Proxy.newProxyInstance(
                            getClass().getClassLoader(),
                            new Class<?>[] {Connection.class},
                            (_, _, _) -> null);

    @Test
    void aBrokerThatIsInNoDatabaseRefusesBeforeAnythingIsDone() {
        var seen = new ArrayList<String>();
        TaskHooks hooks =
                new TaskHooks() {
                    @Override
                    public void sending(Signature<?> call, String id) {
                        seen.add("sending");
                    }

                    @Override
                    public void publish(List<OutgoingTask> messages, Runnable send) {
                        seen.add("publish");
                        send.run();
                    }
                };
        try (var muster =
                Muster.builder()
                        .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                        .hooks(hooks)
                        .build()) {
            assertThatThrownBy(() -> muster.send(transaction, call("any")))
                    .isInstanceOfSatisfying(
                            BrokerException.class,
                            refusal -> assertThat(refusal.isTransient()).isFalse())
                    .hasMessage(
                            "broker memory: cannot take part in a database transaction; postgresql:// and sqlite: can");
        }
        assertThat(seen).isEmpty();
    }
}
