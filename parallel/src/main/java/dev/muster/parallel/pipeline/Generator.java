package dev.muster.parallel.pipeline;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// An iterator whose values are computed by a procedure, each when it is asked for.
///
/// ```java
/// Generator<Integer> countdown = Generator.of(out -> {
///     for (var n = 3; n > 0; n--) {
///         out.emit(n - 1);
///     }
/// });
/// ```
///
/// It runs once. The body runs on a virtual thread of its own, but only while its user waits in
/// [#hasNext] or [#next]. What the body throws is thrown there. A generator that is not used to its
/// end is to be closed, as by a `try` with resources, so that the body's `finally` blocks run. Used
/// by one thread at a time.
public final class Generator<T> implements Iterator<T>, AutoCloseable {
    /// The procedure.
    @FunctionalInterface
    public interface Body<T> {
        void run(Emitter<T> out) throws Exception;
    }

    /// Ends a body that waits in its emitter.
    private static final class Stop extends RuntimeException {
        private Stop() {
            super("the generator is closed", null, false, false);
        }
    }

    private final Fiber fiber;
    private @Nullable T ahead;
    private boolean started;
    private boolean closed;

    private Generator(Body<T> body) {
        fiber = new Fiber("generator", () -> body.run(this::emit));
    }

    /// Does not run anything yet.
    public static <T> Generator<T> of(Body<T> body) {
        return new Generator<>(body);
    }

    private void emit(T value) {
        if (!fiber.isCurrent()) {
            throw new IllegalStateException("only the generator's own thread may emit");
        }
        if (closed) {
            throw new IllegalStateException("the body emits although its generator is closed");
        }
        ahead = value;
        fiber.suspend();
        if (closed) {
            throw new Stop(); // once; a body that goes on to emit gets the error above
        }
    }

    /// Runs the body up to its next value, or to its end.
    @Override
    public boolean hasNext() {
        if (ahead == null && !closed && !fiber.hasEnded()) {
            started = true;
            fiber.resume();
            throwFailure();
        }
        return ahead != null;
    }

    /// @throws NoSuchElementException when the body has ended
    @Override
    public T next() {
        var value = hasNext() ? ahead : null;
        if (value == null) {
            throw new NoSuchElementException("the generator is exhausted");
        }
        ahead = null;
        return value;
    }

    /// The rest of the values. Closing the stream closes the generator.
    public Stream<T> stream() {
        var values =
                Spliterators.spliteratorUnknownSize(
                        this, Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.stream(values, false).onClose(this::close);
    }

    /// Ends the body where it is, and returns when it has ended. Closing twice is harmless.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        ahead = null;
        if (started && !fiber.hasEnded()) {
            fiber.resume();
            throwFailure();
        }
    }

    private void throwFailure() {
        var failure = fiber.takeFailure();
        if (failure != null && !(failure instanceof Stop)) {
            throw StageFailedException.unchecked(failure);
        }
    }
}
