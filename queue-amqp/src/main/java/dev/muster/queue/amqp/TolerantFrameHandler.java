package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;

/// Reads frames for the client library, and mends the header frames that it would choke on.
///
/// The library ends the connection when a header table holds a type that it does not know, and
/// reads nested tables by recursion. The message would return to its queue and end the next
/// connection, too. Python is enough to cause it: py-amqp writes whole numbers beyond 31 bits with
/// the type `L`.
final class TolerantFrameHandler extends ForwardingFrameHandler {
    TolerantFrameHandler(FrameHandler frames) {
        super(frames);
    }

    @Override
    public Frame readFrame() throws IOException {
        var frame = super.readFrame();
        if (frame == null || frame.getType() != AMQP.FRAME_HEADER) {
            return frame;
        }
        return HeaderFrame.mend(frame.getPayload())
                .map(payload -> new Frame(frame.getType(), frame.getChannel(), payload))
                .orElse(frame);
    }
}
