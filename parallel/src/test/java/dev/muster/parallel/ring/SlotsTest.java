package dev.muster.parallel.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What those find who come after a process that was killed between two of its steps.
class SlotsTest {
    private static final long TAIL = 256;

    @TempDir private Path folder;
    private Path file;
    private Slots slots;

    @BeforeEach
    void create() throws IOException {
        file = folder.resolve("slots");
        slots = Slots.create(file, 1, 2);
    }

    /// The tail as it is before the process that has added a value moves it.
    private void moveTailBack() throws IOException {
        try (var channel =
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                var arena = Arena.ofConfined()) {
            var memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
            memory.set(ValueLayout.JAVA_LONG, TAIL, memory.get(ValueLayout.JAVA_LONG, TAIL) - 1);
        }
    }

    private int take() {
        var head = slots.head();
        var word = slots.next(head);
        assertThat(slots.isNext(head, word)).isTrue();
        assertThat(slots.claim(head)).isTrue();
        assertThat(slots.claim(head)).isFalse();
        return Slots.line(word);
    }

    @Test
    void aValueIsThereAlthoughTheTailWasNotMoved() throws IOException {
        slots.publish(3, 17);
        moveTailBack();

        assertThat(slots.size()).isEqualTo(1);
        assertThat(slots.hasNextOrEnd()).isTrue();
        assertThat(slots.areAllDone()).isFalse();
        assertThat(slots.processes().stream()).containsExactly(3);
        assertThat(take()).isEqualTo(17);
        assertThat(slots.size()).isZero();
        assertThat(slots.taskDone()).isTrue();
        assertThat(slots.taskDone()).isFalse();
    }

    @Test
    void theNextValueDoesNotTakeItsPlace() throws IOException {
        slots.publish(3, 17);
        moveTailBack();

        assertThat(slots.publish(4, 18)).isEqualTo(1);
        moveTailBack();
        assertThat(slots.publish(4, 19)).isEqualTo(-1);
        assertThat(slots.hasRoomOrEnd()).isFalse();
        assertThat(take()).isEqualTo(17);
        assertThat(take()).isEqualTo(18);
    }

    @Test
    void theEndComesAfterIt() throws IOException {
        slots.publish(3, 17);
        moveTailBack();
        slots.close();

        assertThat(slots.isClosed()).isTrue();
        assertThat(slots.isEnded()).isFalse();
        assertThat(slots.publish(3, 18)).isEqualTo(-1);
        assertThat(take()).isEqualTo(17);
        assertThat(slots.isEnded()).isTrue();
        assertThat(slots.size()).isZero();
    }

    @Test
    void theLargestNumbersGoThroughManyLaps() {
        for (var n = 0; n < 100_000; n++) {
            assertThat(slots.publish(Slots.MAX_PROCESSES - 1, (1 << 26) - 1)).isEqualTo(n);
            assertThat(slots.processes().stream()).containsExactly(Slots.MAX_PROCESSES - 1);
            assertThat(take()).isEqualTo((1 << 26) - 1);
            assertThat(slots.hasNextOrEnd()).isFalse();
        }
    }
}
