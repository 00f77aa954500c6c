package dev.muster.parallel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedKeyTest {
    private static final byte[] TEXT = {1, 2, 3};

    @TempDir private Path folder;

    private Path file(String content, String permissions) throws IOException {
        var file = Files.writeString(folder.resolve("key"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aKeyFromAFileIsThatOfItsTextWithoutTheLineBreak() throws IOException {
        var key = SharedKey.ofText("correct horse battery");

        assertThat(SharedKey.read(file("correct horse battery\n", "rw-------")).sign(TEXT))
                .isEqualTo(
                        SharedKey.read(file("correct horse battery\r\n", "r--------")).sign(TEXT))
                .isEqualTo(key.sign(TEXT))
                .isNotEqualTo(SharedKey.ofText("correct horse batterz").sign(TEXT))
                .isNotEqualTo(SharedKey.NONE.sign(TEXT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-"})
    void aFileThatOthersCanUseIsRefused(String permissions) throws IOException {
        var file = file("correct horse battery\n", permissions);

        assertThatThrownBy(() -> SharedKey.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(permissions, "chmod 600");
    }

    @Test
    void aShortKeyIsRefusedAndNotShown() throws IOException {
        var file = file("hunter2\n", "rw-------");

        assertThatThrownBy(() -> SharedKey.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(file.toString(), "16 bytes", "7")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void hidesItsSecret() {
        assertThat(SharedKey.ofText("correct horse battery")).hasToString("a key of 21 bytes");
    }
}
