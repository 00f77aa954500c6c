package dev.muster.parallel.wire;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/// Closes a socket, unless it is called off in time. A limit for single reads would let a peer go
/// on for ever that sends a byte now and then.
final class Deadline implements AutoCloseable {
    private final Socket socket;
    private final Thread thread;
    private volatile boolean passed;

    Deadline(Socket socket, Duration limit) {
        this.socket = socket;
        thread = Thread.ofVirtual().name("deadline").start(() -> run(limit));
    }

    private void run(Duration limit) {
        try {
            Thread.sleep(limit);
            passed = true;
            socket.close();
        } catch (InterruptedException _) {
            // Called off.
        } catch (IOException _) {
            // It is of no use any more, either way.
        }
    }

    boolean hasPassed() {
        return passed;
    }

    /// Calls it off.
    @Override
    public void close() {
        thread.interrupt();
    }
}
