package dev.muster.parallel.pipeline;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// A stage that is a procedure: it holds its state in local variables, and asks for its values.
///
/// It is primed when it is made, that is, it has run up to its first [Inbox#receive]. Each
/// [Stage#send] then runs it up to the next one, so what it does for a value is done when `send`
/// returns, and what it throws is thrown by `send`. It runs on a virtual thread of its own, but
/// never at the same time as its sender. When the body returns, the stage has ended as if closed.
final class Coroutine<T> implements Stage<T> {
    /// What the body finds when it is resumed.
    private sealed interface Signal<T> {
        record Value<T>(T value) implements Signal<T> {}

        record Raised<T>(Throwable cause) implements Signal<T> {}

        record Closed<T>() implements Signal<T> {}
    }

    private final Fiber fiber;
    private final Mailbox mailbox = new Mailbox();
    private @Nullable Signal<T> signal;
    private @Nullable StageClosedException closing;

    /// @param body closes what comes after it
    Coroutine(CoroutineBody<T> body) {
        fiber = new Fiber("coroutine", () -> run(body));
        resume();
    }

    static <T, O> Coroutine<T> before(Stage<? super O> next, CoroutineBody.Linked<T, O> body) {
        return new Coroutine<>(inbox -> {
            try {
                body.run(inbox, next);
            } catch (StageClosedException end) {
                if (((Coroutine<?>.Mailbox) inbox).isEnd(end)) {
                    next.close();
                }
                throw end;
            } catch (Throwable failure) {
                Ends.abort(next, failure);
                throw failure;
            }
            next.close();
        });
    }

    private void run(CoroutineBody<T> body) throws Exception {
        try {
            body.run(mailbox);
        } catch (StageClosedException end) {
            if (!end.equals(closing)) {
                throw end; // of another stage
            }
        }
    }

    @Override
    public void send(T value) {
        checkOpen();
        signal = new Signal.Value<>(value);
        resume();
    }

    @Override
    public void raise(Throwable cause) {
        checkOpen();
        signal = new Signal.Raised<>(cause);
        resume();
    }

    @Override
    public void close() {
        if (fiber.hasEnded()) {
            return;
        }
        signal = new Signal.Closed<>();
        resume();
        if (!fiber.hasEnded()) {
            throw new IllegalStateException(
                    "the coroutine went on to receive after it was closed; it must end then");
        }
    }

    private void checkOpen() {
        if (fiber.hasEnded()) {
            throw StageClosedException.onSend();
        }
    }

    private void resume() {
        fiber.resume();
        var failure = fiber.takeFailure();
        if (failure != null) {
            throw StageFailedException.unchecked(failure);
        }
    }

    private final class Mailbox implements Inbox<T> {
        @Override
        public T receive() {
            if (!fiber.isCurrent()) {
                throw new IllegalStateException("only the coroutine's own thread may receive");
            }
            fiber.suspend();
            var received = signal;
            signal = null;
            return switch (received) {
                case Signal.Value<T>(var value) -> value;
                case Signal.Raised<T>(var cause) -> throw sneaky(cause);
                case Signal.Closed<T> _ -> throw end();
                case null -> throw new IllegalStateException("resumed without a reason");
            };
        }

        private boolean isEnd(StageClosedException exception) {
            return exception.equals(closing);
        }

        private StageClosedException end() {
            var end = new StageClosedException("the stage is closed");
            closing = end;
            return end;
        }

        /// The very exception that was raised is thrown in the body, which may throw any.
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <E extends Throwable> RuntimeException sneaky(Throwable cause) throws E {
            throw (E) cause;
        }

        @Override
        public Iterator<T> iterator() {
            return new Iterator<>() {
                private @Nullable T ahead;
                private boolean ended;

                @Override
                public boolean hasNext() {
                    if (ahead == null && !ended) {
                        try {
                            ahead = receive();
                        } catch (StageClosedException end) {
                            if (!end.equals(closing)) {
                                throw end;
                            }
                            ended = true;
                        }
                    }
                    return ahead != null;
                }

                @Override
                public T next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException("the stage is closed");
                    }
                    var value = ahead;
                    ahead = null;
                    if (value == null) {
                        throw new IllegalStateException("no value ahead");
                    }
                    return value;
                }
            };
        }
    }
}
