package dev.muster.parallel.ring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.parallel.base.PrivateFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What other processes have written into files that they share with this one.
class RingFuzzTest {
    private static final int HEADER = 24;

    @FuzzTest
    void theHeaderOfAQueue() throws IOException {
        try (var folder = PrivateFolder.open()) {
            var file = folder.path().resolve("slots");
            Slots.create(file, 17, 10);
            var header = Arrays.copyOf(Files.readAllBytes(file), HEADER);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                Fuzzer.of("header of a shared queue")
                        .seeds(header)
                        .refusing(IOException.class)
                        .run(input -> {
                            channel.write(ByteBuffer.wrap(Arrays.copyOf(input, HEADER)), 0);
                            Slots.open(file, 17).size();
                        });
            }
        }
    }

    @FuzzTest
    void theNamesOfFilesInALane() throws IOException {
        try (var folder = PrivateFolder.open()) {
            var names = ByteBuffer.allocate(9).put((byte) 4).put("file".getBytes(US_ASCII));
            Fuzzer.of("names of files in a lane")
                    .seeds(new byte[] {0, 0, 1, 2, 3})
                    .seeds(names.put((byte) 0).array())
                    .refusing(IOException.class)
                    .run(input -> Parcel.open(input, folder.path()));
        }
    }

    /// A value is read, and its file deleted: only one that belongs to the queue.
    @Test
    void noFileElsewhereIsReadOrDeleted() throws IOException {
        try (var folder = PrivateFolder.open();
                var other = PrivateFolder.open()) {
            var file = Files.createFile(other.path().resolve("file"));
            var name = folder.path().relativize(file).toString().getBytes(US_ASCII);
            var bytes =
                    ByteBuffer.allocate(2 + name.length)
                            .put((byte) 0)
                            .put((byte) name.length)
                            .put(name)
                            .array();

            assertThatIOException().isThrownBy(() -> Parcel.open(bytes, folder.path()));
            assertThat(file).exists();
        }
    }
}
