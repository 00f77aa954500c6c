package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// What a child was doing, in memory that it shares with its parent and that outlives it.
///
/// Implementation note: a child does not send each result at once, as a system call for each would
/// be most of the cost of a small call. Its results wait here, where its parent finds them even if
/// the child is killed at that instant, and so does the number of the call that runs. So the parent
/// knows of each call that a dead child had whether it has ended, was running, or never began.
///
/// The layout: the number of the call that began last, the number of bytes of waiting reports, and
/// these. A reader in another process sees what was stored before a release store once it sees that
/// store; what the kernel keeps of a killed process is all that it has stored.
final class Journal {
    private static final long STARTED = 0;
    private static final long USED = 8;
    private static final long REPORTS = 16;
    private static final int SIZE = 64 * 1024;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;

    private Journal(MemorySegment memory) {
        this.memory = memory;
    }

    static Journal open(Path file) throws IOException {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            // Written, as a mapped page for which there is no memory would end the process.
            if (channel.size() == 0) {
                channel.write(ByteBuffer.allocate(SIZE));
            }
            return new Journal(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, Arena.ofAuto()));
        }
    }

    /// Notes that a call begins. Volatile: nothing that the call does may come before it.
    void start(long number) {
        LONG.setVolatile(memory, STARTED, number);
    }

    /// The call that began last; 0 when none has.
    long started() {
        return (long) LONG.getVolatile(memory, STARTED);
    }

    boolean isEmpty() {
        return used() == 0;
    }

    private int used() {
        return Math.toIntExact((long) LONG.getAcquire(memory, USED));
    }

    /// Adds reports.
    ///
    /// @return false when they do not fit
    boolean add(ByteSink reports) {
        var used = used();
        if (reports.size() > SIZE - REPORTS - used) {
            return false;
        }
        MemorySegment.copy(
                reports.array(), 0, memory, ValueLayout.JAVA_BYTE, REPORTS + used, reports.size());
        // Release: who sees the new size sees the bytes.
        LONG.setRelease(memory, USED, (long) used + reports.size());
        return true;
    }

    /// The waiting reports, in place.
    ByteBuffer waiting() {
        return memory.asSlice(REPORTS, used()).asByteBuffer();
    }

    /// Forgets the waiting reports, because they were sent.
    void clear() {
        LONG.setRelease(memory, USED, 0L);
    }

    /// The waiting reports of a child that is dead. Some may have been sent, too.
    List<Report> reports() throws StreamCorruptedException {
        var bytes = waiting();
        var reports = new ArrayList<Report>();
        while (bytes.hasRemaining()) {
            var length = bytes.getInt();
            reports.add(Report.read(bytes.slice(bytes.position(), length)));
            bytes.position(bytes.position() + length);
        }
        return reports;
    }
}
