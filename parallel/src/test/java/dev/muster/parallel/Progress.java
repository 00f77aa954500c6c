package dev.muster.parallel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;

/// Numbers that a child process notes in a file that is mapped, so that what it has noted is there
/// although it was killed.
final class Progress {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int SIZE = 8 * 1024 * 1024;

    private final MemorySegment memory;

    private Progress(MemorySegment memory) {
        this.memory = memory;
    }

    static Progress open(String file) throws IOException {
        try (var channel =
                FileChannel.open(
                        Path.of(file),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return new Progress(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, Arena.ofAuto()));
        }
    }

    void add(int number) {
        var count = count();
        INT.setVolatile(memory, (count + 1L) * Integer.BYTES, number);
        INT.setVolatile(memory, 0L, count + 1);
    }

    int count() {
        return (int) INT.getVolatile(memory, 0L);
    }

    IntStream numbers() {
        return IntStream.rangeClosed(1, count())
                .map(index -> (int) INT.getVolatile(memory, (long) index * Integer.BYTES));
    }
}
