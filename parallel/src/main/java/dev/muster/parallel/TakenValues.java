package dev.muster.parallel;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Iterates over what is taken, until there is a sign that no more comes, or an interrupt. Used by
/// one thread.
final class TakenValues<T> implements Iterator<T> {
    /// Takes the next value.
    @FunctionalInterface
    interface Source<T> {
        /// @throws QueueClosedException when no more comes
        T take() throws InterruptedException;
    }

    private final Source<T> source;
    private @Nullable T next;
    private boolean ended;

    TakenValues(Source<T> source) {
        this.source = source;
    }

    /// For the call of `taskDone` that is one too many.
    static IllegalStateException allDone() {
        return new IllegalStateException(
                "taskDone() was called for all values that were put already");
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            try {
                next = source.take();
            } catch (QueueClosedException _) {
                ended = true;
            } catch (InterruptedException _) {
                ended = true;
                Thread.currentThread().interrupt();
            }
        }
        return next != null;
    }

    @Override
    public T next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more values come");
        }
        var value = next;
        next = null;
        return value;
    }
}
