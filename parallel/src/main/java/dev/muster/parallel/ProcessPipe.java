package dev.muster.parallel;

/// Two ends that send to each other, each in whichever process it is passed to.
///
/// ```java
/// var pipe = ProcessPipe.<Integer, String>open();
/// try (var child = ChildProcess.start(Speller::answer, pipe.right()); var left = pipe.left()) {
///     left.send(42);
///     IO.println(left.receive());
/// }
/// ```
///
/// It lives in the process that has made it, as a [ProcessQueue] does.
///
/// @param left sends `S` and receives `R`
/// @param right the other way round
/// @param <S> what goes from left to right
/// @param <R> what goes from right to left
public record ProcessPipe<S, R>(PipeEnd<S, R> left, PipeEnd<R, S> right) {
    /// Enough for a sender to run ahead while the other side is waking up.
    private static final int CAPACITY = 1_000;

    /// Makes a pipe that holds up to 1,000 messages in each direction.
    ///
    /// @throws java.io.UncheckedIOException when there is no memory left for it
    public static <S, R> ProcessPipe<S, R> open() {
        return open(CAPACITY);
    }

    /// Makes a pipe.
    ///
    /// @param capacity how many messages it holds in each direction; a sender that is ahead waits
    /// @throws java.io.UncheckedIOException when there is no memory left for it
    public static <S, R> ProcessPipe<S, R> open(int capacity) {
        var right = ProcessQueue.<S>bounded(capacity);
        var left = ProcessQueue.<R>bounded(capacity);
        return new ProcessPipe<>(new PipeEnd<>(right, left), new PipeEnd<>(left, right));
    }
}
