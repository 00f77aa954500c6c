package dev.muster.parallel;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Futures in the order in which they are completed. Each iterator begins anew.
final class Completions<F extends CompletableFuture<?>> implements Iterable<F> {
    private final List<F> futures;
    private final @Nullable Duration limit;
    private final Runnable giveUp;

    /// @param limit from the call of [#iterator] to the last of them; null for none
    /// @param giveUp run before the iterator throws an exception
    Completions(Collection<F> futures, @Nullable Duration limit, Runnable giveUp) {
        this.futures = List.copyOf(futures);
        this.limit = limit;
        this.giveUp = giveUp;
    }

    static CallTimeoutException tooLate(@Nullable Duration limit) {
        return new CallTimeoutException("the calls", Objects.requireNonNull(limit));
    }

    static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("interrupted while it waited for calls");
    }

    @Override
    public Iterator<F> iterator() {
        var completed = new LinkedBlockingQueue<F>();
        for (var future : futures) {
            var _ = future.whenComplete((_, _) -> completed.add(future));
        }
        return new InOrder(completed);
    }

    private final class InOrder implements Iterator<F> {
        private final LinkedBlockingQueue<F> completed;
        private final long start = System.nanoTime();
        private int left = futures.size();

        private InOrder(LinkedBlockingQueue<F> completed) {
            this.completed = completed;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public F next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            left--;
            try {
                var next = take();
                if (next == null) {
                    giveUp.run();
                    throw tooLate(limit);
                }
                return next;
            } catch (InterruptedException e) {
                giveUp.run();
                throw interrupted();
            }
        }

        private @Nullable F take() throws InterruptedException {
            if (limit == null) {
                return completed.take();
            }
            var nanos = limit.toNanos() - (System.nanoTime() - start);
            return completed.poll(nanos, TimeUnit.NANOSECONDS);
        }
    }
}
