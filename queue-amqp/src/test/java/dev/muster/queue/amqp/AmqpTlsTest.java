package dev.muster.queue.amqp;

import dev.muster.testkit.RabbitServer;
import dev.muster.testkit.ServerTls;
import dev.muster.testkit.TlsContract;

class AmqpTlsTest extends TlsContract {
    private RabbitServer server;

    @Override
    protected void start(ServerTls tls) {
        server = RabbitServer.create(tls);
    }

    @Override
    protected void stopServer() {
        server.close();
    }

    @Override
    protected String url() {
        return server.tlsUrl();
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
