package dev.muster.parallel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCodeTest {
    private static final ClassLoader SYSTEM = ClassLoader.getSystemClassLoader();

    @TempDir private Path folder;

    private static byte[] packed(Path folder) throws IOException {
        var bytes = new ByteArrayOutputStream();
        FolderJar.write(folder, bytes);
        return bytes.toByteArray();
    }

    @Test
    void aFolderIsTheSameJarWheneverItsFilesWereWritten() throws Exception {
        for (var name : List.of("first", "second")) {
            var classes = Files.createDirectories(folder.resolve(name).resolve("a/b"));
            Files.writeString(classes.resolve("C.class"), "c");
            Files.writeString(classes.resolveSibling("A.class"), "a");
        }
        Files.setLastModifiedTime(folder.resolve("second/a/A.class"), FileTime.from(Instant.EPOCH));

        var jar = packed(folder.resolve("first"));

        assertThat(packed(folder.resolve("second"))).isEqualTo(jar);
        var names = new ArrayList<String>();
        try (var entries = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (var entry = entries.getNextEntry();
                    entry != null;
                    entry = entries.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        assertThat(names).containsExactly("a/A.class", "a/b/C.class");
    }

    @Test
    void programsThatAreOnTheClassPathAreTheSameForAll() throws Exception {
        var first = ProgramCode.of(SYSTEM, "nonce", null);
        var second = ProgramCode.of(SYSTEM, "other nonce", null);

        assertThat(first.complete()).isTrue();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(ProgramCode.of(SYSTEM, "nonce", new byte[] {1}).id()).isNotEqualTo(first.id());
    }

    @Test
    void programsWithClassesElsewhereAreTheirOwn() throws Exception {
        var loader = new ClassLoader(SYSTEM) {};

        var first = ProgramCode.of(loader, "nonce", null);

        assertThat(first.complete()).isFalse();
        assertThat(ProgramCode.of(loader, "other nonce", null).id()).isNotEqualTo(first.id());
    }

    /// As the jar that starts a program from the folder of a build.
    @Test
    void jarsThatAManifestNamesTravel() throws Exception {
        var library = Files.createDirectory(folder.resolve("lib")).resolve("a library.jar");
        Files.writeString(library, "not read");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(Attributes.Name.CLASS_PATH, "lib/a%20library.jar lib/missing.jar");
        var jar = folder.resolve("program.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        var before = System.getProperty("java.class.path");
        System.setProperty("java.class.path", jar.toString());
        try {
            assertThat(ProgramCode.of(SYSTEM, "nonce", null).items())
                    .map(ProgramCode.Item::path)
                    .containsExactly(jar, library);
        } finally {
            System.setProperty("java.class.path", before);
        }
    }
}
