package dev.muster.parallel.child;

import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.TypeFilter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How children are started, and when they are replaced.
///
/// @param name of the children, before their number
/// @param classPath absolute; empty for that of this JVM
/// @param jvmOptions besides those of this JVM
/// @param environment added to that of this JVM
/// @param workingDirectory null for that of this JVM
/// @param maxTasks after how many calls a child is replaced; 0 for never
/// @param maxMemory after a call that leaves more bytes resident than this, the child is replaced;
///   0 for never
/// @param initializer run once in each child; null for nothing
/// @param filter what children may make of bytes
/// @param output what becomes of the lines that children print
/// @param cacheFolder for the [AotCache]; null for none
public record ChildOptions(
        String name,
        List<Path> classPath,
        List<String> jvmOptions,
        Map<String, String> environment,
        @Nullable Path workingDirectory,
        int maxTasks,
        long maxMemory,
        @Nullable Code initializer,
        TypeFilter filter,
        Output output,
        @Nullable Path cacheFolder) {
    public ChildOptions {
        classPath = List.copyOf(classPath);
        jvmOptions = List.copyOf(jvmOptions);
        environment = Map.copyOf(environment);
        if (maxTasks < 0) {
            throw new IllegalArgumentException("maxTasks must be 0 or more, was " + maxTasks);
        }
        if (maxMemory < 0) {
            throw new IllegalArgumentException("maxMemory must be 0 or more, was " + maxMemory);
        }
    }

    /// The user's own folder for caches of the JVM; null where there is none.
    public static @Nullable Path defaultCacheFolder() {
        return AotCache.userFolder();
    }
}
