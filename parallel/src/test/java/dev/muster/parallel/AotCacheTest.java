package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The cache needs a class path of jars, so a program of jars is run here.
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class AotCacheTest {
    @TempDir private Path folder;

    /// Run in a JVM of its own.
    static final class Program {
        private Program() {}

        static int increment(int n) {
            return n + 1;
        }

        /// @param args the folder of the cache, and an option for children
        public static void main(String[] args) throws Exception {
            var options =
                    ProcessOptions.builder()
                            .cacheFolder(Path.of(args[0]))
                            .jvmOptions(args[1])
                            .build();
            try (var pool = Pool.processes(1, options)) {
                System.out.println(pool.submit(Program::increment, 1).get());
            }
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(classes, FileVisitOption.FOLLOW_LINKS)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static Path home(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private String run(Path cache, String option) throws Exception {
        var program =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                folder.resolve("muster.jar") + ":" + folder.resolve("program.jar"),
                                Program.class.getName(),
                                cache.toString(),
                                option)
                        .redirectErrorStream(true)
                        .start();
        var printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor()).as(printed).isZero();
        return printed;
    }

    @Test
    void theFirstPoolMakesItAndTheNextOneUsesIt() throws Exception {
        pack(home(Pool.class), folder.resolve("muster.jar"));
        pack(home(AotCacheTest.class), folder.resolve("program.jar"));
        var cache = folder.resolve("cache");

        assertThat(run(cache, "-Dfirst")).isEqualTo("2\n");

        await().atMost(Duration.ofMinutes(2))
                .until(() -> {
                    try (var files = Files.list(cache)) {
                        return files.map(Path::toString)
                                .toList()
                                .toString()
                                .matches("\\[[^,]*\\.aot]");
                    }
                });
        // A JVM with this option refuses to start without a cache that fits.
        assertThat(run(cache, "-XX:AOTMode=on")).isEqualTo("2\n");
    }
}
