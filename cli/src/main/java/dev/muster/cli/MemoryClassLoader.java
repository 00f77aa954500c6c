package dev.muster.cli;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Classes that exist in memory only.
final class MemoryClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private static final String CLASS_FILE = ".class";

    private final Map<String, byte[]> classes;

    /// @param classes class files by the names of the classes, `a.b.C$D`
    MemoryClassLoader(Map<String, byte[]> classes, ClassLoader parent) {
        super(parent);
        this.classes = Map.copyOf(classes);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        var bytes = classes.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    /// Class files as well: child processes ask for those that only this JVM has.
    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        var bytes =
                name.endsWith(CLASS_FILE)
                        ? classes.get(
                                name.substring(0, name.length() - CLASS_FILE.length())
                                        .replace('/', '.'))
                        : null;
        return bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes);
    }
}
