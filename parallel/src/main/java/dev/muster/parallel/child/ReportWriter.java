package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Sends a child's reports, results of short calls many at once. Thread-safe.
///
/// A result waits in the [Journal] until the thread that runs the calls has nothing else to do,
/// until enough have gathered, or, as the next call may be a long one, until the sender thread of
/// this class finds it there a moment later.
final class ReportWriter {
    private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final WritableByteChannel channel;
    private final Journal journal;
    private final Thread sender;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock.
    private final ByteSink sink = new ByteSink(8192);

    /// When the oldest result that waits was added. Guarded by the lock.
    private long oldest;

    /// Guarded by the lock.
    private boolean finished;

    private final Queue<Report> soon = new ConcurrentLinkedQueue<>();

    private volatile boolean gathering;

    ReportWriter(WritableByteChannel channel, Journal journal) {
        this.channel = channel;
        this.journal = journal;
        this.sender = Thread.ofPlatform().daemon().name("muster-sender").start(this::sendLate);
    }

    /// Sends a report now.
    void send(Report report) {
        lock.lock();
        try {
            flush();
            sink.clear();
            report.write(sink);
            write(ByteBuffer.wrap(sink.array(), 0, sink.size()));
        } finally {
            lock.unlock();
        }
    }

    /// Sends a report from the sender's thread. The thread that reads orders must never wait for
    /// the parent to read: the parent may be waiting for it.
    void sendSoon(Report report) {
        soon.add(report);
        LockSupport.unpark(sender);
    }

    /// Sends the report of a call that has ended, now or a moment later.
    ///
    /// @param isLast whether no other call waits, so that there is nothing to gather
    void ended(Report report, boolean isLast) {
        lock.lock();
        try {
            sink.clear();
            report.write(sink);
            var wasEmpty = journal.isEmpty();
            if (!journal.add(sink)) {
                flush();
                wasEmpty = true;
                if (!journal.add(sink)) {
                    write(ByteBuffer.wrap(sink.array(), 0, sink.size()));
                    return;
                }
            }
            if (wasEmpty) {
                oldest = System.nanoTime();
            }
            if (isLast || System.nanoTime() - oldest > GATHER_NANOS) {
                flush();
            } else if (!gathering) {
                gathering = true;
                LockSupport.unpark(sender);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends no more, as the channel is to be closed: what is in the journal is read from there.
    void finish() {
        lock.lock();
        try {
            finished = true;
        } finally {
            lock.unlock();
        }
    }

    private void flush() {
        if (!journal.isEmpty() && !finished) {
            write(journal.waiting());
            journal.clear();
        }
    }

    private void write(ByteBuffer bytes) {
        if (finished) {
            return;
        }
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the parent is gone", e);
        }
    }

    private void sendLate() {
        while (true) {
            if (soon.isEmpty()) {
                LockSupport.parkNanos(this, gathering ? LATEST_NANOS : Long.MAX_VALUE);
            }
            for (var report = soon.poll(); report != null; report = soon.poll()) {
                send(report);
            }
            if (gathering) {
                flushIfLate();
            }
        }
    }

    private void flushIfLate() {
        lock.lock();
        try {
            if (!journal.isEmpty() && System.nanoTime() - oldest >= LATEST_NANOS) {
                flush();
            }
            gathering = !journal.isEmpty() && !finished;
        } finally {
            lock.unlock();
        }
    }
}
