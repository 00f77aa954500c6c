package dev.muster.queue.amqp;

import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.ServerTls;
import dev.muster.testkit.TlsContract;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

class AmqpTlsTest extends TlsContract {
    private @Nullable RabbitServer server;

    @Override
    protected void start(ServerTls tls) {
        server = RabbitServer.create(tls);
    }

    @Override
    protected void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected String url() {
        return Objects.requireNonNull(server, "server").tlsUrl();
    }

    @Override
    protected String results() {
        return "rpc://";
    }

    @Override
    protected String optionPrefix() {
        return "";
    }
}
