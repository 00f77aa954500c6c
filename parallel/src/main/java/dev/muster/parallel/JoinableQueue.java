package dev.muster.parallel;

import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;

/// A bounded queue of work that can be waited for: who takes a value says when it is dealt with,
/// and [#join] returns when all are.
///
/// The same interface between threads, between processes, and between machines. Any number of users
/// may put and take at the same time. Values come out in the order in which one user has put them
/// in.
///
/// ```java
/// for (var page : queue) {        // ends when the queue is closed and empty
///     fetch(page);
///     queue.taskDone();
/// }
/// ```
///
/// @param <T> what is in it; never null
public interface JoinableQueue<T> extends Iterable<T>, AutoCloseable {
    /// Makes a queue between the threads of this process.
    ///
    /// @param capacity how many values it holds at most
    static <T> JoinableQueue<T> bounded(int capacity) {
        return new ThreadQueue<>(capacity);
    }

    /// Adds a value, and waits while the queue is full.
    ///
    /// @throws QueueClosedException when the queue is closed, or is closed meanwhile
    void put(T value) throws InterruptedException;

    /// Adds a value, if there is room for it in time.
    ///
    /// @param limit how long to wait; zero or less for not at all
    /// @return whether it was added
    /// @throws QueueClosedException when the queue is closed, or is closed meanwhile
    boolean offer(T value, Duration limit) throws InterruptedException;

    /// Removes the next value, and waits while there is none.
    ///
    /// @throws QueueClosedException when the queue is closed and empty
    T take() throws InterruptedException;

    /// Removes the next value, if one comes in time.
    ///
    /// @param limit how long to wait; zero or less for not at all
    /// @return empty when none came, or none will, as the queue is closed
    Optional<T> poll(Duration limit) throws InterruptedException;

    /// Says that a value which was taken is dealt with.
    ///
    /// @throws IllegalStateException when it was said for all values already
    void taskDone();

    /// Waits until [#taskDone] was said for all values that were put.
    void join() throws InterruptedException;

    /// Waits for the same, but no longer than `limit`.
    ///
    /// @return whether all are dealt with
    boolean join(Duration limit) throws InterruptedException;

    /// How many values wait to be taken. Others may change it at any moment.
    int size();

    /// How many values it can hold.
    int capacity();

    /// Takes values until the queue is closed and empty. When the thread is interrupted, the
    /// iteration ends, and the thread stays interrupted.
    @Override
    Iterator<T> iterator();

    /// Says that no more values come. Those in the queue can still be taken; who waits for more is
    /// told. Closing twice is harmless.
    @Override
    void close();
}
