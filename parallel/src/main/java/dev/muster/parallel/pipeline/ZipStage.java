package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/// Pairs the values of two entrances in the order in which they came. It ends with the shorter
/// side: what the other side sends then has no partner and is dropped.
final class ZipStage<A, B, C> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taken = lock.newCondition();
    private final BiFunction<? super A, ? super B, ? extends C> function;
    private final int capacity;
    // All below are guarded by lock.
    private final Stage<? super C> next;
    private final Side<A> left = new Side<>();
    private final Side<B> right = new Side<>();
    private boolean ended;

    ZipStage(
            int capacity,
            BiFunction<? super A, ? super B, ? extends C> function,
            Stage<? super C> next) {
        this.capacity = Checks.positive("capacity", capacity);
        this.function = function;
        this.next = next;
    }

    Zip<A, B> sides() {
        return new Zip<>(left, right);
    }

    private void sendPairs() {
        while (!ended && !left.waiting.isEmpty() && !right.waiting.isEmpty()) {
            var pair = function.apply(left.waiting.remove(), right.waiting.remove());
            taken.signalAll();
            next.send(pair);
        }
        if (!ended && (left.isExhausted() || right.isExhausted())) {
            end();
            next.close();
        }
    }

    private void end() {
        ended = true;
        left.waiting.clear();
        right.waiting.clear();
        taken.signalAll();
    }

    private final class Side<T> implements Stage<T> {
        private final ArrayDeque<T> waiting = new ArrayDeque<>();
        private boolean closed;

        private boolean isExhausted() {
            return closed && waiting.isEmpty();
        }

        @Override
        public void send(T value) {
            lock.lock();
            try {
                checkOpen();
                while (!ended && waiting.size() >= capacity) {
                    taken.awaitUninterruptibly();
                }
                if (!ended) {
                    waiting.add(value);
                    sendPairs();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void raise(Throwable cause) {
            lock.lock();
            try {
                checkOpen();
                if (ended) {
                    throw StageFailedException.unchecked(cause);
                }
                try {
                    next.raise(cause);
                } catch (Throwable unhandled) {
                    end();
                    throw unhandled;
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
                sendPairs();
            } finally {
                lock.unlock();
            }
        }

        private void checkOpen() {
            if (closed) {
                throw StageClosedException.onSend();
            }
        }
    }
}
