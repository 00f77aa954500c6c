package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Children;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// Child processes of this JVM.
final class LocalPlace extends Place {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Dispatcher dispatcher;
    private final Children children;

    LocalPlace(Dispatcher dispatcher, Children children, int slots) {
        super("local");
        this.dispatcher = dispatcher;
        this.children = children;
        this.slots = slots;
    }

    Children children() {
        return children;
    }

    @Override
    void begin(Errand errand, List<Runnable> later) {
        var job = new LocalJob(dispatcher, this, errand);
        errand.local = job;
        // What is cancelled in between is dropped by them when it comes.
        later.add(() -> children.submit(job));
    }

    @Override
    void takeBack(List<Errand> errands, List<Runnable> later) {
        for (var errand : errands) {
            var job = local(errand);
            later.add(() -> children.withdraw(job));
        }
    }

    @Override
    void cancel(Errand errand, boolean kill, List<Runnable> later) {
        var job = local(errand);
        later.add(() -> children.cancel(job, kill));
    }

    @Override
    boolean isRunning(Errand errand) {
        return children.isRunning(local(errand));
    }

    private static LocalJob local(Errand errand) {
        return Objects.requireNonNull(errand.local, "a local place has it");
    }

    @Override
    void close() {
        children.shutdown();
        try {
            var _ = children.awaitTermination(PATIENCE);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread that ends a pool", e);
        }
    }

    @Override
    boolean tellsStarts() {
        return false;
    }

    @Override
    ServerStatistics.State state() {
        return ServerStatistics.State.READY;
    }

    @Override
    String reason() {
        return "";
    }
}
