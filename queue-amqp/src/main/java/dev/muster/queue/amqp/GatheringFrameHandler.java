package dev.muster.queue.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Lets a thread write several messages with few system calls: by itself the client library makes
/// one for each.
final class GatheringFrameHandler extends ForwardingFrameHandler {
    /// Bound while the thread has more to write.
    private static final ScopedValue<Boolean> HAS_MORE = ScopedValue.newInstance();

    GatheringFrameHandler(FrameHandler frames) {
        super(frames);
    }

    /// What is written to a channel of a connection of ours.
    @FunctionalInterface
    interface Writing {
        void write() throws IOException;
    }

    /// Sends what is written on its way together, as far as the buffer holds it.
    static void writeTogether(Channel channel, Writing writing) throws IOException {
        ScopedValue.where(HAS_MORE, true)
                .<@Nullable Void, IOException>call(() -> {
                    writing.write();
                    return null;
                });
        ((AMQConnection) channel.getConnection()).flush();
    }

    @Override
    public void flush(WriteListener listener) throws IOException {
        if (!HAS_MORE.isBound()) {
            super.flush(listener);
        }
    }
}
