package dev.muster.queue.amqp;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import dev.muster.queue.spi.TlsOptions;
import java.io.IOException;

/// A factory whose connections survive message headers that the client library cannot read, and
/// write several messages at once where they are told to.
final class TolerantConnectionFactory extends ConnectionFactory {
    /// A copy that speaks TLS, with the files as they are now.
    TolerantConnectionFactory with(TlsOptions tls) {
        var copy = (TolerantConnectionFactory) clone();
        copy.useSslProtocol(tls.context(), tls.checksHostName());
        return copy;
    }

    @Override
    protected synchronized FrameHandlerFactory createFrameHandlerFactory() throws IOException {
        var factory = super.createFrameHandlerFactory();
        return (address, name) ->
                new TolerantFrameHandler(new GatheringFrameHandler(factory.create(address, name)));
    }
}
