package dev.muster.parallel.child;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The file with what the JVM learnt about our classes when it loaded them last time (an AOT cache,
/// JEP 514), with which a child starts for two thirds of the CPU time. There is one for each JVM
/// and class path; it is made once, after the first pool that lacks it has ended, by a process that
/// nobody waits for.
///
/// @param classPath of the children, as the command has it
/// @param file where it is, or will be
record AotCache(String classPath, Path file) {
    /// A process that makes one is done, or dead, after this time.
    private static final Duration MAKING = Duration.ofMinutes(5);

    /// The JVM writes the file while it ends, so it gets its name afterwards.
    private static final String MAKE_AND_NAME =
            """
            target=$1 java=$2
            shift 2
            "$java" -XX:AOTCacheOutput="$target.$$" "$@" && mv "$target.$$" "$target"
            rm -f "$target.$$" "$target.$$.config" "$target.making"
            """;

    /// @param folder for such files
    /// @return empty when the JVM has no cache for such a class path: one with folders
    static Optional<AotCache> of(String classPath, Path folder) {
        var key = new StringBuilder(System.getProperty("java.home"));
        key.append(Runtime.version());
        for (var entry : classPath.split(File.pathSeparator, -1)) {
            var path = Path.of(entry);
            if (!Files.isRegularFile(path)) {
                return Optional.empty();
            }
            try {
                key.append('\n')
                        .append(entry)
                        .append(Files.size(path))
                        .append(Files.getLastModifiedTime(path));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
        return Optional.of(new AotCache(classPath, folder.resolve(hash(key.toString()) + ".aot")));
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var bytes = digest.digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(bytes, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The user's own folder for such things; null where there is none.
    static @Nullable Path userFolder() {
        var set = System.getenv("XDG_CACHE_HOME");
        var home = System.getProperty("user.home");
        if (set != null && !set.isBlank()) {
            return Path.of(set, "muster");
        }
        return home == null || home.length() < 2 ? null : Path.of(home, ".cache", "muster");
    }

    /// Options with which a JVM uses it. One that does not fit is ignored, without a word.
    List<String> options() {
        return Files.exists(file)
                ? List.of("-XX:AOTCache=" + file, "-Xlog:aot*=off,cds*=off")
                : List.of();
    }

    /// Starts making it, unless it is there or being made. That it cannot be made is no reason to
    /// bother anybody.
    ///
    /// @param command of a JVM that does what children do, and ends
    void makeIfMissing(List<String> command) {
        if (Files.exists(file)) {
            return;
        }
        var making = Path.of(file + ".making");
        try {
            Files.createDirectories(file.getParent());
            if (Files.exists(making)
                    && Files.getLastModifiedTime(making)
                            .toInstant()
                            .isBefore(Instant.now().minus(MAKING))) {
                Files.delete(making);
            }
            Files.createFile(making);
            var words = new ArrayList<>(List.of("/bin/sh", "-c", MAKE_AND_NAME, "make"));
            words.add(file.toString());
            words.addAll(command);
            var process =
                    new ProcessBuilder(words)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
        } catch (FileAlreadyExistsException _) {
            // Somebody else makes it.
        } catch (IOException _) {
            // No place for it; children start without.
        }
    }
}
