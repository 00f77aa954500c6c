package dev.muster.parallel.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

class PrivateFolderTest {
    @Test
    void nobodyElseCanEnterIt() throws Exception {
        try (var folder = PrivateFolder.open()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void isDeletedWithAllThatIsInIt() throws Exception {
        var folder = PrivateFolder.open();
        Files.createDirectories(folder.path().resolve("a/b"));
        Files.createFile(folder.path().resolve("a/b/c"));

        folder.close();
        folder.close();

        assertThat(folder.path()).doesNotExist();
    }

    @Test
    void theFolderOfAKilledProcessIsDeletedByTheNextOne() throws Exception {
        var dead = new ProcessBuilder("true").start();
        dead.waitFor();
        try (var first = PrivateFolder.open()) {
            var left = first.path().resolveSibling("muster-%d-1".formatted(dead.pid()));
            Files.createDirectories(left.resolve("folder"));

            PrivateFolder.open().close();

            assertThat(left).doesNotExist();
            assertThat(first.path()).exists();
        }
    }
}
