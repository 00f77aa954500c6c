package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/// Reads frames for the client library, and mends the header frames that it would choke on.
///
/// The library ends the connection when a header table holds a type that it does not know, and
/// reads nested tables by recursion. The message would return to its queue and end the next
/// connection, too. Python is enough to cause it: py-amqp writes whole numbers beyond 31 bits with
/// the type `L`.
///
/// It also lets a thread write several messages with few system calls: by itself the library makes
/// one for each.
final class TolerantFrameHandler implements FrameHandler {
    /// Bound while the thread has more to write.
    private static final ScopedValue<Boolean> HAS_MORE = ScopedValue.newInstance();

    private final FrameHandler frames;

    TolerantFrameHandler(FrameHandler frames) {
        this.frames = frames;
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
    public Frame readFrame() throws IOException {
        var frame = frames.readFrame();
        if (frame == null || frame.getType() != AMQP.FRAME_HEADER) {
            return frame;
        }
        return HeaderFrame.mend(frame.getPayload())
                .map(payload -> new Frame(frame.getType(), frame.getChannel(), payload))
                .orElse(frame);
    }

    @Override
    public boolean internalHearbeat() {
        return frames.internalHearbeat();
    }

    @Override
    public void setTimeout(int timeoutMs) throws SocketException {
        frames.setTimeout(timeoutMs);
    }

    @Override
    public int getTimeout() throws SocketException {
        return frames.getTimeout();
    }

    @Override
    public void sendHeader() throws IOException {
        frames.sendHeader();
    }

    @Override
    public void initialize(AMQConnection connection) {
        frames.initialize(connection);
    }

    @Override
    public void startProcessing() {
        frames.startProcessing();
    }

    @Override
    public void finishConnectionNegotiation() {
        frames.finishConnectionNegotiation();
    }

    @Override
    public void setFrameMax(int frameMax) {
        frames.setFrameMax(frameMax);
    }

    @Override
    public void writeFrame(Frame frame) throws IOException {
        frames.writeFrame(frame);
    }

    @Override
    public void flush(WriteListener listener) throws IOException {
        if (!HAS_MORE.isBound()) {
            frames.flush(listener);
        }
    }

    @Override
    public void close() {
        frames.close();
    }

    @Override
    public InetAddress getLocalAddress() {
        return frames.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
        return frames.getLocalPort();
    }

    @Override
    public InetAddress getAddress() {
        return frames.getAddress();
    }

    @Override
    public int getPort() {
        return frames.getPort();
    }
}
