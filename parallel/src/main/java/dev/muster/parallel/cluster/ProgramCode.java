package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// The class path of this program as it travels: jars as they are, folders as jars.
///
/// @param id the same for programs that may share child processes
/// @param complete whether all classes are on the class path
record ProgramCode(String id, boolean complete, List<Item> items) {
    ProgramCode {
        items = List.copyOf(items);
    }

    /// An entry, and where it is.
    record Item(CodeEntry entry, Path path) {
        void write(OutputStream target) throws IOException {
            copy(path, target);
        }
    }

    /// Reads all of it.
    ///
    /// @param loader that of the program. When it is not the system's, it may have classes that are
    ///   on no class path, so that nobody may share child processes with this program
    /// @param nonce of this program
    /// @throws IOException when an entry cannot be read
    static ProgramCode of(ClassLoader loader, String nonce, byte @Nullable [] initializer)
            throws IOException {
        var complete = loader.equals(ClassLoader.getSystemClassLoader());
        var items = new ArrayList<Item>();
        var id = sha256();
        for (var path : entries()) {
            var digest = sha256();
            var counter = new Counter();
            try (var hashed = new DigestOutputStream(counter, digest)) {
                copy(path, hashed);
            }
            var hash = HexFormat.of().formatHex(digest.digest());
            items.add(new Item(new CodeEntry(name(path), hash, counter.count), path));
            id.update(hash.getBytes(UTF_8));
        }
        if (!complete) {
            id.update(nonce.getBytes(UTF_8));
        }
        if (initializer != null) {
            id.update(initializer);
        }
        return new ProgramCode(HexFormat.of().formatHex(id.digest()), complete, items);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// A root folder has no name.
    private static String name(Path path) {
        return path.getFileName() == null ? path.toString() : path.getFileName().toString();
    }

    private static void copy(Path path, OutputStream target) throws IOException {
        if (Files.isDirectory(path)) {
            FolderJar.write(path, target);
        } else {
            Files.copy(path, target);
        }
    }

    private static final class Counter extends OutputStream {
        private long count;

        @Override
        public void write(int value) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            count += length;
        }
    }

    /// Those of the class path and of the module path, with those that manifests of jars name.
    private static Set<Path> entries() throws IOException {
        var found = new LinkedHashSet<Path>();
        for (var property : List.of("java.class.path", "jdk.module.path")) {
            for (var entry : System.getProperty(property, "").split(File.pathSeparator, -1)) {
                if (!entry.isEmpty()) {
                    add(Path.of(entry).toAbsolutePath().normalize(), found);
                }
            }
        }
        return found;
    }

    /// What does not exist is no mistake on a class path.
    private static void add(Path path, Set<Path> found) throws IOException {
        if (!Files.exists(path) || !found.add(path) || Files.isDirectory(path)) {
            return;
        }
        try (var jar = new JarFile(path.toFile())) {
            var manifest = jar.getManifest();
            var named =
                    manifest == null
                            ? null
                            : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (named != null) {
                for (var word : named.strip().split(" +", -1)) {
                    addNamed(path.toUri(), word, found);
                }
            }
        } catch (ZipException _) {
            // The JVM finds nothing in it, but does not mind.
        }
    }

    private static void addNamed(URI jar, String word, Set<Path> found) throws IOException {
        try {
            var resolved = jar.resolve(new URI(word));
            if ("file".equals(resolved.getScheme())) {
                add(Path.of(resolved).normalize(), found);
            }
        } catch (URISyntaxException | IllegalArgumentException _) {
            // The JVM does not find it either.
        }
    }
}
