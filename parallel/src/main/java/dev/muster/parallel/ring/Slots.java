package dev.muster.parallel.ring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/// The order of the values: a ring of words in a file that all processes have mapped.
///
/// A value has a sequence number, counted from 0 in the life of the queue, and its word is in the
/// slot of that number. The word says where the value lies (the process whose [Lane] it is in, and
/// the line there), and in which lap around the ring it was written. So a slot tells by itself
/// whether the value of a given number is in it, and one compare-and-set of one word adds a value.
/// Likewise one compare-and-set of the head removes it. Between any two instructions of any process
/// a value is in the queue or not: whoever is killed leaves nothing half done. Only the tail may
/// lag behind by one, and who comes next moves it.
///
/// The end of a closed queue is a word as well, so no value can be added behind it; there is always
/// a slot to spare for it.
///
/// All accesses that order others are in volatile mode, in which they have one order that all agree
/// on. Java promises that for threads; between processes it is the processors' coherence of memory
/// that keeps it, as the instructions are the same.
final class Slots {
    static final int MAX_CAPACITY = 1 << 22;

    /// At the same time. Number 0 is the process that made the queue.
    static final int MAX_PROCESSES = (1 << 10) - 1;

    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    private static final long MAGIC = 0x4d75_7374_6572_5131L;

    // Where things are. What different processes write is 128 bytes apart, as processors fetch
    // lines of 64 bytes in pairs.
    private static final long MARK = 0;
    private static final long ID = 8;
    private static final long CAPACITY = 16;
    private static final long HEAD = 128;
    private static final long TAIL = 256;
    private static final long TASKS_DONE = 384;
    private static final long WANTED = 512;
    private static final long WANTED_SIZE = 128;
    private static final long PROCESSES = 1024;
    private static final long PROCESS_SIZE = 16;
    private static final long WAITS_FOR = 0;
    private static final long RINGS = 4;
    private static final long ROLES = 8;
    private static final long FIRST_SLOT = PROCESSES + (MAX_PROCESSES + 1) * PROCESS_SIZE;

    // A word: the lap in 28 bits, the process in 10, the line in 26.
    private static final int LAP_SHIFT = 36;
    private static final int PROCESS_SHIFT = 26;
    private static final long LAP_MASK = (1L << (Long.SIZE - LAP_SHIFT)) - 1;
    private static final int LINE_MASK = (1 << PROCESS_SHIFT) - 1;
    private static final long END = (1L << LAP_SHIFT) - 1;

    private final MemorySegment memory;
    private final int capacity;
    private final int ringBits;

    private Slots(MemorySegment memory, int capacity) {
        this.memory = memory;
        this.capacity = capacity;
        this.ringBits = ringBits(capacity);
    }

    /// One slot more than values, for the end.
    private static int ringBits(int capacity) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(capacity);
    }

    private static long size(int capacity) {
        return FIRST_SLOT + (Long.BYTES << ringBits(capacity));
    }

    static Slots create(Path file, long id, int capacity) throws IOException {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            // Written, not only mapped: where there is no memory left, that is an exception here.
            var zeros = ByteBuffer.allocate(64 * 1024);
            for (var left = size(capacity); left > 0; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), left));
                left -= channel.write(zeros);
            }
            var memory =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, size(capacity), Arena.ofAuto());
            INT.set(memory, CAPACITY, capacity);
            LONG.set(memory, ID, id);
            // Published last: who reads the mark may read the rest.
            LONG.setVolatile(memory, MARK, MAGIC);
            return new Slots(memory, capacity);
        }
    }

    /// @throws IOException when the file is not that of the queue with this id
    static Slots open(Path file, long id) throws IOException {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() > FIRST_SLOT) {
                var memory =
                        channel.map(
                                FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofAuto());
                var capacity = (int) INT.get(memory, CAPACITY);
                if ((long) LONG.getVolatile(memory, MARK) == MAGIC
                        && (long) LONG.get(memory, ID) == id
                        && capacity > 0
                        && capacity <= MAX_CAPACITY
                        && memory.byteSize() == size(capacity)) {
                    return new Slots(memory, capacity);
                }
            }
        }
        throw new IOException(file + " is not the queue that the ticket names");
    }

    int capacity() {
        return capacity;
    }

    // The ring.

    private long offset(long sequence) {
        return FIRST_SLOT + ((sequence & ((1L << ringBits) - 1)) << 3);
    }

    /// Counted from 1, so that the zeros of a new file are of the lap before the first.
    private long lap(long sequence) {
        return ((sequence >>> ringBits) + 1) & LAP_MASK;
    }

    /// 0 when the word is the one of this number, less when that is still to come, more when it is
    /// gone.
    private int compare(long word, long sequence) {
        // The difference of two numbers of 28 bits that wrap around.
        var shift = Integer.SIZE - (Long.SIZE - LAP_SHIFT);
        return (int) ((word >>> LAP_SHIFT) - lap(sequence)) << shift;
    }

    private static boolean isEnd(long word) {
        return (word & END) == END;
    }

    static int process(long word) {
        return (int) (word >>> PROCESS_SHIFT) & MAX_PROCESSES;
    }

    static int line(long word) {
        return (int) word & LINE_MASK;
    }

    private long word(long sequence) {
        // Volatile: what its writer wrote to the lane before it is visible after it.
        return (long) LONG.getVolatile(memory, offset(sequence));
    }

    /// The number of the next value to be taken.
    long head() {
        // Volatile: what others read from the lanes before they moved the head is read, so the
        // memory of values before the head may be written again.
        return (long) LONG.getVolatile(memory, HEAD);
    }

    private long tail() {
        return (long) LONG.getVolatile(memory, TAIL);
    }

    private boolean isPublished(long sequence) {
        var word = word(sequence);
        return compare(word, sequence) == 0 && !isEnd(word);
    }

    /// The number that the next value will have, also when a process was killed before it moved the
    /// tail.
    private long end() {
        while (true) {
            var tail = tail();
            var published = isPublished(tail);
            if (tail == tail()) {
                return published ? tail + 1 : tail;
            }
        }
    }

    /// Adds what lies at a place in a lane.
    ///
    /// @return its number, or -1 when the queue is full or closed
    long publish(int process, int line) {
        return add((long) process << PROCESS_SHIFT | line, capacity);
    }

    /// Says that nothing comes any more.
    void close() {
        var _ = add(END, Long.MAX_VALUE);
    }

    private long add(long content, long room) {
        while (true) {
            var sequence = tail();
            var seen = word(sequence);
            var order = compare(seen, sequence);
            if (order == 0) {
                if (isEnd(seen)) {
                    return -1;
                }
                moveTail(sequence);
            } else if (order < 0) {
                // A head that has moved since only makes for more room. As nobody else has used
                // this number if the exchange succeeds, there are never more values than that.
                if (sequence - head() >= room) {
                    return -1;
                }
                var word = lap(sequence) << LAP_SHIFT | content;
                // Volatile: publishes what was written to the lane, and comes before the look at
                // who wants to be woken.
                if (LONG.compareAndSet(memory, offset(sequence), seen, word)) {
                    if (!isEnd(word)) {
                        moveTail(sequence);
                    }
                    return sequence;
                }
            }
        }
    }

    private void moveTail(long sequence) {
        var _ = (boolean) LONG.compareAndSet(memory, TAIL, sequence, sequence + 1);
    }

    /// Whether the word of the next value is there, for [#claim].
    boolean isNext(long head, long word) {
        return compare(word, head) == 0 && !isEnd(word);
    }

    /// The word of the value that would be next.
    long next(long head) {
        return word(head);
    }

    /// Takes the value of this number, if nobody else has. What was read of it before is right
    /// then, as its memory is not used again before the head has moved.
    boolean claim(long head) {
        // Volatile: what was read from the lane was read before.
        return LONG.compareAndSet(memory, HEAD, head, head + 1);
    }

    /// Whether there is something to take, or never will be.
    boolean hasNextOrEnd() {
        var head = head();
        return compare(word(head), head) == 0;
    }

    /// Whether it is closed and empty.
    boolean isEnded() {
        var head = head();
        var word = word(head);
        return compare(word, head) == 0 && isEnd(word);
    }

    boolean isClosed() {
        // The end is at the tail, or one behind it when the process that had put the last value was
        // killed.
        var end = end();
        var word = word(end);
        return compare(word, end) == 0 && isEnd(word);
    }

    /// Whether there is room for a value, or the queue is closed.
    boolean hasRoomOrEnd() {
        return end() - head() < capacity || isClosed();
    }

    int size() {
        while (true) {
            var head = head();
            var size = (int) (end() - head);
            // Otherwise values were taken in between, and more may have been put than there is
            // room.
            if (head == head()) {
                return size;
            }
        }
    }

    /// The processes in whose lanes there are values.
    BitSet processes() {
        var found = new BitSet();
        var end = end();
        for (var sequence = head(); sequence < end; sequence++) {
            var word = word(sequence);
            if (isNext(sequence, word)) {
                found.set(process(word));
            }
        }
        return found;
    }

    // Tasks.

    /// @return whether there was one that was not done
    boolean taskDone() {
        while (true) {
            var done = (long) LONG.getVolatile(memory, TASKS_DONE);
            if (done == end()) {
                return false;
            }
            // Volatile: comes before the look at who wants to be woken.
            if (LONG.compareAndSet(memory, TASKS_DONE, done, done + 1)) {
                return true;
            }
        }
    }

    boolean areAllDone() {
        // In this order: both only grow, so they were equal when the second was read.
        var done = (long) LONG.getVolatile(memory, TASKS_DONE);
        return done == end();
    }

    // Who waits for what.

    /// Asks for a ring when something of this kind has come true. Before the last look at whether
    /// it is true: then either that look sees it, or who makes it true sees this.
    void want(int kind) {
        INT.setVolatile(memory, wanted(kind), 1);
    }

    /// Whether somebody has asked. Only one of those who look is told so.
    boolean isWanted(int kind) {
        var offset = wanted(kind);
        return (int) INT.getVolatile(memory, offset) == 1
                && INT.compareAndSet(memory, offset, 1, 0);
    }

    private static long wanted(int kind) {
        return WANTED + Integer.numberOfTrailingZeros(kind) * WANTED_SIZE;
    }

    private static long field(int process, long field) {
        return PROCESSES + process * PROCESS_SIZE + field;
    }

    /// Notes the kinds that threads of a process wait for.
    void setWaitsFor(int process, int kinds) {
        INT.setVolatile(memory, field(process, WAITS_FOR), kinds);
    }

    int waitsFor(int process) {
        return (int) INT.getVolatile(memory, field(process, WAITS_FOR));
    }

    /// Notes what a process wants the hub to ring for.
    void addRings(int process, int kinds) {
        var _ = (int) INT.getAndBitwiseOr(memory, field(process, RINGS), kinds);
    }

    /// What was noted since the last call.
    int takeRings(int process) {
        return (int) INT.getAndSet(memory, field(process, RINGS), 0);
    }

    void addRole(int process, Role role) {
        var _ = (int) INT.getAndBitwiseOr(memory, field(process, ROLES), role.bit);
    }

    boolean hasRole(int process, Role role) {
        return ((int) INT.getVolatile(memory, field(process, ROLES)) & role.bit) != 0;
    }

    /// Forgets what is noted of a process.
    void clear(int process) {
        INT.setVolatile(memory, field(process, WAITS_FOR), 0);
        INT.setVolatile(memory, field(process, RINGS), 0);
        INT.setVolatile(memory, field(process, ROLES), 0);
    }
}
