package dev.muster.queue.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/// Connects to a socket in the file system. The JDK offers these as channels only, Jedis wants a
/// [Socket], so here is one around the other.
record UnixSocketFactory(String path, JedisClientConfig config) implements JedisSocketFactory {
    @Override
    public Socket createSocket() {
        try {
            var socket = new ChannelSocket(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            socket.setSoTimeout(config.getSocketTimeoutMillis());
            return socket;
        } catch (IOException e) {
            throw new JedisConnectionException("%s: %s".formatted(path, e.getMessage()), e);
        }
    }

    /// Reads with a time limit, which a blocking channel cannot do: the channel is not blocking,
    /// and one selector each waits for what may be read or written.
    private static final class ChannelSocket extends Socket {
        private final SocketChannel channel;
        private final Selector readable = Selector.open();
        private final Selector writable = Selector.open();
        private volatile int timeoutMillis;

        ChannelSocket(SocketChannel channel) throws IOException {
            this.channel = channel;
            channel.configureBlocking(false);
            channel.register(readable, SelectionKey.OP_READ);
            channel.register(writable, SelectionKey.OP_WRITE);
        }

        private void await(Selector selector, int millis) throws IOException {
            var ready = selector.select(_ -> {}, millis);
            if (!channel.isOpen()) {
                throw new IOException("closed");
            }
            if (ready == 0) {
                throw new SocketTimeoutException("timed out");
            }
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    var one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    var buffer = ByteBuffer.wrap(bytes, offset, length);
                    for (; ; ) {
                        var count = channel.read(buffer);
                        if (count != 0 || length == 0) {
                            return count;
                        }
                        await(readable, timeoutMillis);
                    }
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    var buffer = ByteBuffer.wrap(bytes, offset, length);
                    while (channel.write(buffer) >= 0 && buffer.hasRemaining()) {
                        await(writable, timeoutMillis);
                    }
                }
            };
        }

        @Override
        public void setSoTimeout(int millis) {
            timeoutMillis = millis;
        }

        @Override
        public int getSoTimeout() {
            return timeoutMillis;
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public boolean isBound() {
            return true;
        }

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public boolean isInputShutdown() {
            return isClosed();
        }

        @Override
        public boolean isOutputShutdown() {
            return isClosed();
        }

        @Override
        public void shutdownOutput() throws IOException {
            channel.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            channel.close();
            readable.close();
            writable.close();
        }
    }
}
