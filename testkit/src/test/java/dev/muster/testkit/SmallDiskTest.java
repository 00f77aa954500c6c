package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class SmallDiskTest {
    @Test
    void refusesWhatIsWrittenWhileItIsFull() throws IOException {
        try (var disk = SmallDisk.open()) {
            var file = disk.path().resolve("file");
            Files.write(file, new byte[100_000]);

            disk.fill();
            assertThatThrownBy(() -> Files.write(disk.path().resolve("other"), new byte[100_000]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left on device");

            disk.free();
            Files.write(disk.path().resolve("other"), new byte[100_000]);
            assertThat(file).hasSize(100_000);
        }
    }

    @Test
    void leavesAsMuchAsItIsTold() throws IOException {
        try (var disk = SmallDisk.open()) {
            disk.fill(2);

            Files.write(disk.path().resolve("one"), new byte[1 << 20]);
            assertThatThrownBy(() -> Files.write(disk.path().resolve("two"), new byte[2 << 20]))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void leavesNothingBehind() throws IOException {
        var disk = SmallDisk.open();
        var path = disk.path();
        Files.writeString(path.resolve("file"), "x");

        disk.close();
        disk.close();

        assertThat(path.getParent()).doesNotExist();
    }
}
