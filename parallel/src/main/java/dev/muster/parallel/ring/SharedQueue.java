package dev.muster.parallel.ring;

import dev.muster.parallel.base.PrivateFolder;
import dev.muster.parallel.wire.Packed;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A bounded queue of packed values in memory that several processes share. Thread-safe.
///
/// Made by one process, the owner; others come and go, and may be killed at any instruction. A
/// value whose [#offer] has returned is taken by exactly one [#poll]. The end of the owner is the
/// end of the queue.
public final class SharedQueue {
    private final Path folder;
    private final Path ownFolder;
    private final Slots slots;
    private final int process;
    private final Waiters waiters;
    private final Doorbell bell;
    private final AtomicReferenceArray<@Nullable Lane> lanes =
            new AtomicReferenceArray<>(Slots.MAX_PROCESSES);
    private final ReentrantLock writing = new ReentrantLock();

    /// Made with the first value. Guarded by the lock.
    private @Nullable LaneWriter writer;

    private SharedQueue(Path folder, Slots slots, int process, Waiters waiters, Doorbell bell)
            throws IOException {
        this.folder = folder;
        this.slots = slots;
        this.process = process;
        this.waiters = waiters;
        this.bell = bell;
        ownFolder = Files.createDirectories(ownFolder(folder, process));
    }

    /// Makes a queue that this process owns.
    ///
    /// @param id tells it from others that may be made in the same place later
    public static SharedQueue create(long id, int capacity) throws IOException {
        if (capacity < 1 || capacity > Slots.MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "the capacity must be from 1 to %,d, was %,d"
                            .formatted(Slots.MAX_CAPACITY, capacity));
        }
        var folder = PrivateFolder.open();
        try {
            var slots = Slots.create(slotsFile(folder.path()), id, capacity);
            var waiters = new Waiters(slots, 0);
            var hub = new Hub(slots, waiters, folder);
            var queue = new SharedQueue(folder.path(), slots, 0, waiters, hub);
            hub.start();
            return queue;
        } catch (IOException e) {
            folder.close();
            throw e;
        }
    }

    /// Joins a queue that another process owns.
    ///
    /// @throws IOException when it is not there any more
    public static SharedQueue join(Path folder, long id) throws IOException {
        var slots = Slots.open(slotsFile(folder), id);
        var line = Line.connect(folder, slots);
        try {
            var queue = new SharedQueue(folder, slots, line.process(), line.waiters(), line);
            line.start();
            return queue;
        } catch (IOException e) {
            line.close();
            throw e;
        }
    }

    private static Path slotsFile(Path folder) {
        return folder.resolve("slots");
    }

    static Path ownFolder(Path folder, int process) {
        return folder.resolve("process-" + process);
    }

    /// Where the queue is.
    public Path folder() {
        return folder;
    }

    /// Where files of values that are to be added are made.
    public Path ownFolder() {
        return ownFolder;
    }

    public int capacity() {
        return slots.capacity();
    }

    /// How many values wait to be taken.
    public int size() {
        return slots.size();
    }

    /// Adds a value. Its file, if there is one, must be in the [#ownFolder], and is deleted when
    /// the value is not added.
    ///
    /// @param nanos how long to wait for room at most
    /// @throws IOException when there is no memory left for it
    /// @throws OwnerLostException when the owner has ended
    public Outcome offer(Packed value, long nanos) throws IOException, InterruptedException {
        var parcel = new Parcel(value, ownFolder, folder);
        var outcome = Outcome.FULL;
        try {
            var left = nanos;
            while (true) {
                checkOwner();
                outcome = publish(parcel);
                if (outcome != Outcome.FULL || left <= 0) {
                    return outcome;
                }
                left = waiters.await(Waiters.ROOM, slots::hasRoomOrEnd, left);
            }
        } finally {
            if (outcome == Outcome.ADDED) {
                announce(Waiters.VALUES);
            } else {
                parcel.discard();
            }
        }
    }

    private Outcome publish(Parcel parcel) throws IOException {
        writing.lock();
        try {
            // Files are not moved for nothing; all else is cheap enough to be written in vain.
            if (parcel.namesFiles() && !slots.hasRoomOrEnd()) {
                return Outcome.FULL;
            }
            if (writer == null) {
                writer = new LaneWriter(lane(process), slots, folder, process);
            }
            var bytes = parcel.bytes();
            var line = writer.write(bytes, parcel.namesFiles());
            if (line < 0) {
                if (!slots.hasRoomOrEnd()) {
                    return Outcome.FULL;
                }
                parcel.shrink();
                bytes = parcel.bytes();
                line = writer.write(bytes, true);
            }
            if (line < 0) {
                throw new IllegalStateException("no room for the name of a file");
            }
            var sequence = slots.publish(process, line);
            if (sequence < 0) {
                return slots.isClosed() ? Outcome.CLOSED : Outcome.FULL;
            }
            writer.keep(sequence, bytes.length);
            return Outcome.ADDED;
        } finally {
            writing.unlock();
        }
    }

    private Lane lane(int number) throws IOException {
        var lane = lanes.get(number);
        if (lane == null) {
            // Two threads may both do it; one of the mappings is forgotten then.
            lane = Lane.open(folder, number, slots.capacity());
            lanes.set(number, lane);
        }
        return lane;
    }

    private void checkOwner() throws OwnerLostException {
        if (bell.isLost()) {
            throw new OwnerLostException();
        }
    }

    private void announce(int kind) {
        if (slots.isWanted(kind)) {
            bell.ring(kind);
        }
    }

    /// Takes the next value.
    ///
    /// @param nanos how long to wait for one at most
    /// @return null when none came, or none will: see [#isEnded]
    /// @throws IOException when a file of the value cannot be read
    /// @throws OwnerLostException when the owner has ended
    public @Nullable Packed poll(long nanos) throws IOException, InterruptedException {
        var left = nanos;
        while (true) {
            checkOwner();
            var value = take();
            if (value != null || slots.isEnded() || left <= 0) {
                return value;
            }
            left = waiters.await(Waiters.VALUES, slots::hasNextOrEnd, left);
        }
    }

    private @Nullable Packed take() throws IOException {
        while (true) {
            var head = slots.head();
            var word = slots.next(head);
            if (!slots.isNext(head, word)) {
                if (head == slots.head()) {
                    return null;
                }
                continue;
            }
            // What is read is a value only if nobody else takes it meanwhile.
            var lane = lane(Slots.process(word));
            var bytes = lane.read(Slots.line(word));
            if (bytes == null) {
                // What cannot be a value was written after the head had moved; so that is seen,
                // too, if the processor reads it later than the bytes.
                VarHandle.loadLoadFence();
                if (head == slots.head()) {
                    throw new IOException("the memory of the queue is damaged");
                }
                continue;
            }
            var namesFiles = lane.namesFiles(Slots.line(word));
            if (slots.claim(head)) {
                announce(Waiters.ROOM);
                return namesFiles ? Parcel.open(bytes, folder) : Packed.of(bytes);
            }
        }
    }

    /// Whether it is closed and empty.
    public boolean isEnded() {
        return slots.isEnded();
    }

    /// No more values can be added.
    public void close() {
        slots.close();
        announce(Waiters.VALUES);
        announce(Waiters.ROOM);
    }

    /// Says that one of the values is dealt with.
    ///
    /// @return whether there was one left that was not
    public boolean taskDone() {
        if (!slots.taskDone()) {
            return false;
        }
        if (slots.areAllDone()) {
            announce(Waiters.DONE);
        }
        return true;
    }

    /// Waits until all values that were added are dealt with.
    ///
    /// @param nanos how long at most
    /// @return whether they are
    /// @throws OwnerLostException when the owner has ended
    public boolean awaitDone(long nanos) throws InterruptedException, OwnerLostException {
        var left = nanos;
        while (true) {
            checkOwner();
            if (slots.areAllDone()) {
                return true;
            }
            if (left <= 0) {
                return false;
            }
            left = waiters.await(Waiters.DONE, slots::areAllDone, left);
        }
    }

    /// Notes that this process has a role, so that the queue is closed when the last one in that
    /// role has ended. Not for the owner.
    public void declare(Role role) {
        if (process != 0) {
            slots.addRole(process, role);
        }
    }

    /// Says that other processes may join from now on, even if this one has forgotten the queue.
    public void passOn() {
        if (bell instanceof Hub hub) {
            hub.passOn();
        }
    }

    /// This process does not need it any more. The memory is freed when no process does.
    public void release() {
        switch (bell) {
            case Hub hub -> hub.forget();
            case Line line -> line.close();
        }
    }
}
