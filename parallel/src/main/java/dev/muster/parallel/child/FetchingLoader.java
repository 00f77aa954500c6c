package dev.muster.parallel.child;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds classes and resources that only the parent has, after those on the class path.
final class FetchingLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private final Function<String, byte @Nullable []> fetch;

    /// @param fetch asks the parent for a resource
    FetchingLoader(ClassLoader parent, Function<String, byte @Nullable []> fetch) {
        super(parent);
        this.fetch = fetch;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        var bytes = fetch.apply(name.replace('.', '/') + ".class");
        if (bytes == null) {
            throw new ClassNotFoundException(
                    name
                            + ", neither on the class path of this child process nor known to its parent");
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        var found = super.getResourceAsStream(name);
        if (found != null) {
            return found;
        }
        var bytes = fetch.apply(name);
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }
}
