package dev.muster.testkit;

/// A real server program for tests: on a free loopback port, in a temporary folder, gone when it is
/// closed and when this JVM ends, however it ends.
///
/// Port and data stay the same through [#restart()], and through [#kill()] and [#start()]. Methods
/// return when the server answers, or when it is gone. Thread-safe.
public interface Server extends AutoCloseable {
    /// Where clients find it, with the password if it has one.
    String url();

    /// The loopback TCP port, for a [TcpProxy] in front of it.
    int port();

    boolean isRunning();

    /// Starts it again after [#stop()] or [#kill()]; nothing happens when it runs.
    ///
    /// @throws IllegalStateException when it does not come up; the message ends with its log
    void start();

    /// Stops it as its operator would.
    void stop();

    /// Stops and starts it.
    default void restart() {
        stop();
        start();
    }

    /// Ends it and its child processes with SIGKILL.
    void kill();

    /// Ends it and deletes its data. Twice is harmless.
    @Override
    void close();
}
