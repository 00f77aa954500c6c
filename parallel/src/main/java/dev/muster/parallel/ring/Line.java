package dev.muster.parallel.ring;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// The doorbell in all other processes: a connection to the [Hub].
///
/// It is not in blocking mode, although it has a thread of its own that reads: a thread that is
/// interrupted would close it.
final class Line implements Doorbell, Runnable {
    /// Until the hub has answered. It always does, unless its process is stopped.
    private static final long PATIENCE_MILLIS = 30_000;

    private static final ByteBuffer BELL = ByteBuffer.allocateDirect(1).asReadOnlyBuffer();

    private final SocketChannel channel;
    private final Selector selector;
    private final Slots slots;
    private final int process;
    private final Waiters waiters;

    private Line(
            SocketChannel channel, Selector selector, Slots slots, int process, Waiters waiters) {
        this.channel = channel;
        this.selector = selector;
        this.slots = slots;
        this.process = process;
        this.waiters = waiters;
    }

    /// @throws IOException when nobody is there
    static Line connect(Path folder, Slots slots) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = null;
        try {
            channel.connect(UnixDomainSocketAddress.of(Hub.socket(folder)));
            selector = Selector.open();
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            var number = ByteBuffer.allocate(Integer.BYTES);
            while (number.hasRemaining()) {
                if (selector.select(PATIENCE_MILLIS) == 0) {
                    throw new IOException("the process that made the queue does not answer");
                }
                selector.selectedKeys().clear();
                if (channel.read(number) < 0) {
                    throw new IOException(
                            "the queue is in use by %d processes already"
                                    .formatted(Slots.MAX_PROCESSES));
                }
            }
            var process = number.getInt(0);
            return new Line(channel, selector, slots, process, new Waiters(slots, process));
        } catch (IOException e) {
            channel.close();
            if (selector != null) {
                selector.close();
            }
            throw e;
        }
    }

    int process() {
        return process;
    }

    Waiters waiters() {
        return waiters;
    }

    void start() {
        Thread.ofPlatform().daemon().name("queue-line").start(this);
    }

    @Override
    public void ring(int kinds) {
        slots.addRings(process, kinds);
        try {
            channel.write(BELL.duplicate());
        } catch (IOException _) {
            // The end of the hub is noticed by who reads from it.
        }
    }

    @Override
    public boolean isLost() {
        return waiters.isLost();
    }

    /// Tells the hub that this process does not need the queue any more.
    void close() {
        try {
            channel.close();
            selector.close();
        } catch (IOException _) {
            // It is of no use any more either way.
        }
    }

    @Override
    public void run() {
        var buffer = ByteBuffer.allocateDirect(256);
        try {
            while (channel.read(buffer.clear()) >= 0) {
                waiters.wake(Waiters.ALL);
                selector.select();
                selector.selectedKeys().clear();
            }
        } catch (IOException | ClosedSelectorException _) {
            // Ended by this side or by the other.
        } finally {
            waiters.lose();
            close();
        }
    }
}
