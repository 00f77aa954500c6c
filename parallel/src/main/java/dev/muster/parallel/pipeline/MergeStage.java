package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// Several entrances to one stage. Each may be used by another thread.
final class MergeStage<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Stage<? super T> next; // guarded by lock
    private int open; // guarded by lock

    private MergeStage(int inputs, Stage<? super T> next) {
        this.open = Checks.positive("inputs", inputs);
        this.next = next;
    }

    static <T> List<Stage<T>> inputs(int inputs, Stage<? super T> next) {
        var merge = new MergeStage<T>(inputs, next);
        var stages = new ArrayList<Stage<T>>();
        for (var i = 0; i < inputs; i++) {
            stages.add(merge.new Input());
        }
        return List.copyOf(stages);
    }

    private final class Input implements Stage<T> {
        private boolean closed; // guarded by lock

        @Override
        public void send(T value) {
            whileOpen(() -> next.send(value));
        }

        @Override
        public void raise(Throwable cause) {
            whileOpen(() -> next.raise(cause));
        }

        private void whileOpen(Runnable action) {
            lock.lock();
            try {
                if (closed) {
                    throw StageClosedException.onSend();
                }
                action.run();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                open--;
                if (open == 0) {
                    next.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
