package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeCacheTest {
    @TempDir private Path folder;

    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private CodeCache cache(long limit) throws IOException {
        return new CodeCache(folder, limit, () -> now);
    }

    private static CodeEntry entry(String content) {
        var hash = ProgramCode.sha256().digest(content.getBytes(UTF_8));
        return new CodeEntry(content + ".jar", HexFormat.of().formatHex(hash), content.length());
    }

    /// Stores it, and uses it for a minute.
    private void use(CodeCache cache, String content) throws IOException {
        var entry = entry(content);
        if (cache.use(entry).isEmpty()) {
            try (var store = cache.store(entry)) {
                store.write(content.getBytes(UTF_8));
                store.finish();
            }
            assertThat(cache.use(entry)).isPresent();
        }
        now = now.plusSeconds(60);
        cache.release(file(content));
    }

    private Path file(String content) {
        return folder.resolve(entry(content).sha256() + ".jar");
    }

    @Test
    void keepsWhatWasUsedLast() throws Exception {
        var cache = cache(20);
        use(cache, "aaaaaaaa");
        use(cache, "bbbbbbbb");
        use(cache, "cccccccc");
        use(cache, "aaaaaaaa");

        cache.trim();

        assertThat(file("aaaaaaaa")).exists();
        assertThat(file("bbbbbbbb")).doesNotExist();
        assertThat(file("cccccccc")).exists();
    }

    @Test
    void deletesNothingThatIsUsed() throws Exception {
        var cache = cache(0);
        use(cache, "used");
        use(cache, "unused");
        assertThat(cache.use(entry("used"))).contains(file("used"));
        assertThat(cache.use(entry("used"))).isPresent();
        cache.release(file("used"));

        cache.trim();

        assertThat(file("used")).hasContent("used");
        assertThat(file("unused")).doesNotExist();
        cache.release(file("used"));
        cache.trim();
        assertThat(file("used")).doesNotExist();
    }

    @Test
    void deletesNothingThatAnotherServerUses() throws Exception {
        use(cache(0), "content");
        try (var other =
                JavaProcess.start(User.class, folder.toString(), entry("content").sha256())) {
            assertThat(other.line()).isEqualTo("used");
            cache(0).trim();
            assertThat(file("content")).exists();
        }
        cache(0).trim();
        assertThat(file("content")).doesNotExist();
    }

    /// Uses an entry until it is killed.
    static final class User {
        public static void main(String[] args) throws Exception {
            var cache = new CodeCache(Path.of(args[0]), 0, Instant::now);
            if (cache.use(new CodeEntry("content", args[1], 7)).isPresent()) {
                System.out.println("used");
            }
            Thread.currentThread().join();
        }
    }

    @Test
    void whatACrashHasCutShortIsNotUsed() throws Exception {
        Files.writeString(file("content"), "cont");

        assertThat(cache(100).use(entry("content"))).isEmpty();
    }

    @Test
    void aUseDoesNotChangeTheTimeOfTheFile() throws Exception {
        var cache = cache(100);
        use(cache, "content");
        var changed = Files.getLastModifiedTime(file("content"));

        use(cache, "content");

        assertThat(Files.getLastModifiedTime(file("content"))).isEqualTo(changed);
    }

    @Test
    void aNameThatIsNoHashIsRefused() {
        assertThatThrownBy(() -> new CodeEntry("a.jar", "../../evil", 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
