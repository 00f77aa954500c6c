package dev.muster.queue.amqp;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/// Runs the callbacks of a connection on the thread that reads its socket.
///
/// Ours only put a delivery into a list and never block, so a hand-over to another thread would
/// cost more than the work, and what has been read before the answer to `basic.cancel` has been
/// handed over when that answer arrives.
final class SameThreadExecutor extends AbstractExecutorService {
    private volatile boolean isShutdown;

    @Override
    public void execute(Runnable command) {
        command.run();
    }

    @Override
    public void shutdown() {
        isShutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        isShutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return isShutdown;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isShutdown;
    }
}
