package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Children;
import dev.muster.parallel.child.ClassSource;
import dev.muster.parallel.wire.Code;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A program that clients run, and its child processes at this server.
final class Program {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String id;
    private final List<Path> classPath;
    private final Children children;

    /// Functions by their bytes: what two clients send is one for the children.
    private final Map<ByteBuffer, Code> functions = new ConcurrentHashMap<>();

    /// Whose classes children get that are on no class path; null when all are, or nobody is there.
    private volatile @Nullable Session owner;

    /// A moving average. Written by several threads; that one may undo what another has added does
    /// not matter.
    private volatile long averageNanos;

    private volatile boolean broken;

    /// How many clients it has now. Guarded by the lock of the server.
    int sessions;

    /// Guarded by the lock of the server.
    boolean closed;

    /// @param classPath released when it is closed
    Program(String id, List<Path> classPath, ChildrenMaker maker) {
        this.id = id;
        this.classPath = List.copyOf(classPath);
        this.children = maker.make(this::find);
    }

    @FunctionalInterface
    interface ChildrenMaker {
        Children make(ClassSource classes);
    }

    private byte @Nullable [] find(String resource) {
        var asked = owner;
        return asked == null ? null : asked.find(resource);
    }

    String id() {
        return id;
    }

    List<Path> classPath() {
        return classPath;
    }

    Children children() {
        return children;
    }

    void ownedBy(Session session) {
        owner = session;
    }

    Code function(byte[] bytes) {
        return functions.computeIfAbsent(ByteBuffer.wrap(bytes), _ -> Code.known(bytes));
    }

    /// 0 while unknown.
    long averageNanos() {
        return averageNanos;
    }

    /// Whether its calls are known to be so short that it is not worth to tell when they begin.
    boolean isQuick() {
        return averageNanos != 0 && averageNanos < SlotShare.SHORT;
    }

    void measured(long nanos) {
        if (nanos > 0) {
            var average = averageNanos;
            averageNanos = average == 0 ? nanos : (average * 7 + nanos) / 8;
        }
    }

    /// Notes that no child process can be started, so that later clients get another program.
    void fail() {
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    /// Ends the child processes, and waits for it. No client uses it any more.
    void close() {
        children.shutdown();
        try {
            var _ = children.awaitTermination(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
