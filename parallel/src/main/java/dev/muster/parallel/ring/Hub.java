package dev.muster.parallel.ring;

import dev.muster.parallel.base.PrivateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The doorbell in the process that made the queue. All others have a connection to it, over a
/// socket in the folder of the queue.
///
/// What passes over the connections are bytes without a meaning: whoever gets one looks into the
/// shared memory. So nothing is lost when a buffer is full, as there is a byte in it then that is
/// still to be read. Only the first four bytes say something: the number of the process.
///
/// A connection that ends is a process that has ended, or does not need the queue any more. All who
/// wait then look again, as that process may have been killed on its way to wake them.
final class Hub implements Doorbell, Runnable {
    private static final ByteBuffer BELL = ByteBuffer.allocateDirect(1).asReadOnlyBuffer();

    private final Slots slots;
    private final Waiters waiters;
    private final PrivateFolder folder;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256);
    private final Map<Integer, SocketChannel> lines = new ConcurrentHashMap<>();
    private volatile boolean forgotten;
    private volatile boolean passedOn;

    Hub(Slots slots, Waiters waiters, PrivateFolder folder) throws IOException {
        this.slots = slots;
        this.waiters = waiters;
        this.folder = folder;
        selector = Selector.open();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket(folder.path())), 64);
        server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    }

    static Path socket(Path folder) {
        return folder.resolve("bell");
    }

    void start() {
        // A platform thread: virtual ones would wait while the program computes on all of theirs.
        Thread.ofPlatform().daemon().name("queue-hub").start(this);
    }

    @Override
    public void ring(int kinds) {
        if ((slots.waitsFor(0) & kinds) != 0) {
            waiters.wake(kinds);
        }
        lines.forEach((process, line) -> {
            if ((slots.waitsFor(process) & kinds) != 0) {
                try {
                    line.write(BELL.duplicate());
                } catch (IOException _) {
                    // Its end is noticed by who reads from it.
                }
            }
        });
    }

    @Override
    public boolean isLost() {
        return false;
    }

    /// From now on others may come at any time.
    void passOn() {
        passedOn = true;
    }

    /// This process does not need the queue any more.
    void forget() {
        forgotten = true;
        selector.wakeup();
    }

    private boolean isNeeded() {
        return !forgotten || !lines.isEmpty() || (passedOn && !slots.isEnded());
    }

    @Override
    public void run() {
        try {
            while (isNeeded()) {
                selector.select(this::serve);
            }
            // Before the socket: who is refused finds no folder then, and knows why.
            folder.close();
            server.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a queue between processes cannot go on", e);
        }
    }

    private void serve(SelectionKey key) {
        if (!(key.attachment() instanceof Integer process)) {
            accept();
            return;
        }
        try {
            buffer.clear();
            if (((SocketChannel) key.channel()).read(buffer) >= 0) {
                ring(slots.takeRings(process));
                return;
            }
        } catch (IOException _) {
            // The process was killed with bytes for it still unread.
        }
        leave(process);
    }

    private void accept() {
        try {
            var line = server.accept();
            var process = line == null ? 0 : free();
            if (line == null) {
                return;
            }
            if (process == 0) {
                line.close();
                return;
            }
            slots.clear(process);
            line.configureBlocking(false).register(selector, SelectionKey.OP_READ, process);
            lines.put(process, line);
            line.write(ByteBuffer.allocate(Integer.BYTES).putInt(process).flip());
        } catch (IOException _) {
            // The process was killed before it was served.
        }
    }

    /// A number is free when its process is gone, and all that it has put is taken.
    ///
    /// @return 0 for none
    private int free() {
        var needed = slots.processes();
        for (var process = 1; process < Slots.MAX_PROCESSES; process++) {
            if (!lines.containsKey(process) && !needed.get(process)) {
                return process;
            }
        }
        return 0;
    }

    private void leave(int process) {
        try (var _ = lines.remove(process)) {
            PrivateFolder.deleteAll(SharedQueue.ownFolder(folder.path(), process));
        } catch (IOException _) {
            // Closing what the other side has closed.
        }
        for (var role : Role.values()) {
            if (slots.hasRole(process, role)
                    && lines.keySet().stream().noneMatch(other -> slots.hasRole(other, role))) {
                slots.close();
            }
        }
        slots.clear(process);
        ring(Waiters.ALL);
    }
}
