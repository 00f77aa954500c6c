package dev.muster.queue.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.impl.SocketFrameHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leaves all to another handler; subclasses do some of it in another way.
abstract class ForwardingFrameHandler implements FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardingFrameHandler.class);

    private final FrameHandler frames;

    ForwardingFrameHandler(FrameHandler frames) {
        this.frames = frames;
    }

    /// Breaks a connection of ours, also while a thread is blocked in writing to it: that holds the
    /// locks which an orderly end, and an abort as well, would wait for.
    static void cut(Connection connection) {
        if (((AMQConnection) connection).getFrameHandler() instanceof ForwardingFrameHandler ours) {
            ours.cut();
        }
    }

    private void cut() {
        try {
            switch (frames) {
                case ForwardingFrameHandler inner -> inner.cut();
                case SocketFrameHandler socket -> socket.getInputStream().close();
                default -> frames.close();
            }
        } catch (IOException e) {
            LOG.debug("a connection was broken when it was cut", e);
        }
    }

    @Override
    public Frame readFrame() throws IOException {
        return frames.readFrame();
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
        frames.flush(listener);
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
