package dev.muster.queue.amqp;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import java.io.IOException;

/// A factory whose connections survive message headers that the client library cannot read.
final class TolerantConnectionFactory extends ConnectionFactory {
    @Override
    protected synchronized FrameHandlerFactory createFrameHandlerFactory() throws IOException {
        var factory = super.createFrameHandlerFactory();
        return (address, name) -> new TolerantFrameHandler(factory.create(address, name));
    }
}
