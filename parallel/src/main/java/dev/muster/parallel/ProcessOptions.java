package dev.muster.parallel;

import dev.muster.parallel.SerializableFunction.VoidOf0;
import dev.muster.parallel.base.Checks;
import dev.muster.parallel.child.ChildOptions;
import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.ClassSource;
import dev.muster.parallel.child.Output;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How child processes are started, and when they are replaced.
///
/// ```java
/// var options = ProcessOptions.builder().maxHeap("256m").maxTasksPerChild(1000).build();
/// ```
public final class ProcessOptions {
    /// Children named `process 1` and so on, like this JVM, replaced when they die.
    public static final ProcessOptions DEFAULT = builder().build();

    private final String name;
    private final List<String> jvmOptions;
    private final Map<String, String> environment;
    private final @Nullable Path workingDirectory;
    private final int maxTasksPerChild;
    private final long maxMemoryPerChild;
    private final @Nullable VoidOf0 initializer;
    private final TypeFilter filter;
    private final Output output;
    private final @Nullable Path cacheFolder;

    private ProcessOptions(Builder builder) {
        name = builder.name;
        jvmOptions = List.copyOf(builder.jvmOptions);
        environment = Map.copyOf(builder.environment);
        workingDirectory = builder.workingDirectory;
        maxTasksPerChild = builder.maxTasksPerChild;
        maxMemoryPerChild = builder.maxMemoryPerChild;
        initializer = builder.initializer;
        filter = builder.filter;
        output = builder.output;
        cacheFolder = builder.cacheFolder;
    }

    /// Options that differ from the default.
    public static Builder builder() {
        return new Builder();
    }

    /// Children with these options, for the program that asks. Of use to the parts of this room, as
    /// are the methods below.
    ///
    /// @throws UncheckedIOException when the initializer cannot be made bytes
    public Children children(int size) {
        return new Children(
                size,
                childOptions(List.of(), initializer(), cacheFolder),
                ClassSource.of(loader()));
    }

    /// The same options for children of another program.
    ///
    /// @param classPath absolute; empty for that of this JVM
    /// @param otherInitializer in place of the one of these options
    /// @param otherCacheFolder in place of the one of these options, if they have one
    public ChildOptions childOptions(
            List<Path> classPath,
            @Nullable Code otherInitializer,
            @Nullable Path otherCacheFolder) {
        return new ChildOptions(
                name,
                classPath,
                jvmOptions,
                environment,
                workingDirectory,
                maxTasksPerChild,
                maxMemoryPerChild,
                otherInitializer,
                filter,
                output,
                cacheFolder == null ? null : otherCacheFolder);
    }

    /// What each child runs before its first call; null for nothing.
    ///
    /// @throws UncheckedIOException when it cannot be made bytes
    public @Nullable Code initializer() {
        try {
            return initializer == null
                    ? null
                    : Code.of(initializer, new Values(loader(), filter, null));
        } catch (IOException e) {
            throw new UncheckedIOException("the initializer cannot be sent to children: " + e, e);
        }
    }

    /// What makes bytes for children, and values of what they return.
    ///
    /// @param folder for what is large
    public Values values(Path folder) {
        return new Values(loader(), filter, folder);
    }

    /// That of the program, even when it was compiled in memory.
    public static ClassLoader loader() {
        var loader = Thread.currentThread().getContextClassLoader();
        return loader == null ? ClassLoader.getSystemClassLoader() : loader;
    }

    /// Collects options. Used by one thread.
    public static final class Builder {
        private final List<String> jvmOptions = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private String name = "process";
        private @Nullable Path workingDirectory;
        private int maxTasksPerChild;
        private long maxMemoryPerChild;
        private @Nullable VoidOf0 initializer;
        private TypeFilter filter = TypeFilter.PROGRAM;
        private Output output = Output.NAMED;
        private @Nullable Path cacheFolder = ChildOptions.defaultCacheFolder();

        private Builder() {}

        /// What children are called in messages, before their number.
        public Builder name(String value) {
            name = value;
            return this;
        }

        /// The largest heap of a child, as the JVM's `-Xmx` has it: `256m`. By default the JVM
        /// decides.
        public Builder maxHeap(String size) {
            return jvmOptions("-Xmx" + size);
        }

        /// Adds options for the JVM of each child.
        public Builder jvmOptions(String... options) {
            jvmOptions.addAll(List.of(options));
            return this;
        }

        /// Sets a variable of the environment of each child.
        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /// Where children run; by default where this JVM does.
        public Builder workingDirectory(Path value) {
            workingDirectory = value.toAbsolutePath();
            return this;
        }

        /// After how many calls a child is replaced, for code that leaks.
        public Builder maxTasksPerChild(int value) {
            maxTasksPerChild = Checks.positive("maxTasksPerChild", value);
            return this;
        }

        /// A child that has more bytes of memory after a call is replaced.
        public Builder maxMemoryPerChild(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException(
                        "maxMemoryPerChild must be 1 byte or more, was " + bytes);
            }
            maxMemoryPerChild = bytes;
            return this;
        }

        /// Runs in each child before its first call. When it fails, the pool is broken.
        public Builder initializer(VoidOf0 value) {
            initializer = value;
            return this;
        }

        /// Lets only these classes of the program be made of bytes, in children and from what they
        /// return, besides plain data of the JDK: `com.example.Order`, `com.example.*` for a
        /// package, `com.example.**` for those below it as well. By default all classes of the
        /// program are allowed; other classes of the JDK never are. The classes that hold the
        /// functions must be among them.
        public Builder allow(String... patterns) {
            filter = new TypeFilter(List.of(patterns));
            return this;
        }

        /// What becomes of the lines that children print. By default they are printed here, each
        /// behind the name of the child.
        public Builder output(Output value) {
            output = value;
            return this;
        }

        /// Where the JVM keeps what makes later children start for two thirds of the CPU time: a
        /// file of some 15 MB for each class path of jars, made after the first pool with that
        /// class path. By default the folder `muster` among the user's caches; null for none.
        public Builder cacheFolder(@Nullable Path value) {
            cacheFolder = value;
            return this;
        }

        /// The options.
        public ProcessOptions build() {
            return new ProcessOptions(this);
        }
    }
}
