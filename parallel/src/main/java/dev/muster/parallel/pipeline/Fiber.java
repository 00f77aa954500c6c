package dev.muster.parallel.pipeline;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A body of code on a virtual thread that runs only while its user waits for it: either of the two
/// runs, never both. So they may share data without locks: what one did before the switch is seen
/// by the other after it, because `bodysTurn` is volatile and is written last and read first.
///
/// [#resume] is called by one user at a time, [#suspend] by the body.
final class Fiber {
    /// What runs in it.
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    private final Thread thread;
    private boolean started;
    private boolean ended;
    private @Nullable Throwable failure;
    private volatile @Nullable Thread user;
    private volatile boolean bodysTurn;

    Fiber(String name, Body body) {
        thread = Thread.ofVirtual().name(name).unstarted(() -> run(body));
    }

    private void run(Body body) {
        try {
            body.run();
        } catch (Throwable e) {
            failure = e;
        } finally {
            ended = true;
            giveBack();
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /// What the body has thrown since this was asked last.
    @Nullable Throwable takeFailure() {
        var thrown = failure;
        failure = null;
        return thrown;
    }

    boolean isCurrent() {
        return Thread.currentThread().equals(thread);
    }

    /// Lets the body run until it suspends itself or ends. An interrupt of the caller is passed on
    /// to the body, and kept.
    void resume() {
        if (isCurrent()) {
            throw new IllegalStateException("a coroutine cannot resume itself");
        }
        user = Thread.currentThread();
        bodysTurn = true;
        if (started) {
            LockSupport.unpark(thread);
        } else {
            started = true;
            thread.start();
        }
        var interrupted = false;
        while (bodysTurn) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Gives control back to the user, until it resumes the body.
    void suspend() {
        giveBack();
        var interrupted = false;
        while (!bodysTurn) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void giveBack() {
        var waiting = user;
        bodysTurn = false;
        LockSupport.unpark(waiting);
    }
}
