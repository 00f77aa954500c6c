package dev.muster.parallel.cluster;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// Classes that are compiled by a test.
final class Compiled {
    private Compiled() {}

    static void into(Path folder, String name, String source) throws IOException {
        var file = folder.resolve(name + ".java");
        Files.writeString(file, source);
        var status =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-d",
                                folder.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-proc:none",
                                file.toString());
        if (status != 0) {
            throw new AssertionError("the source has mistakes");
        }
    }

    /// A loader that has the classes of a folder as if they existed in memory only.
    static ClassLoader inMemory(Path folder) {
        return new ClassLoader(Compiled.class.getClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                try (var stream = getResourceAsStream(name.replace('.', '/') + ".class")) {
                    if (stream == null) {
                        throw new ClassNotFoundException(name);
                    }
                    var bytes = stream.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }

            @Override
            public @Nullable InputStream getResourceAsStream(String name) {
                try {
                    return Files.exists(folder.resolve(name))
                            ? new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name)))
                            : super.getResourceAsStream(name);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /// Calls something while a loader is that of the program.
    static <T> T with(ClassLoader loader, Callable<T> call) throws Exception {
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return call.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
