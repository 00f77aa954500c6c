package dev.muster.parallel.child;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// What runs jobs in other processes. Thread-safe.
public interface JobRunner {
    /// Runs a job when its turn comes.
    ///
    /// @throws RejectedExecutionException after a shutdown
    void submit(Job job);

    /// Ends a job without an ending: it is not run if it has not begun.
    ///
    /// @param kill whether its process is killed if it has
    void cancel(Job job, boolean kill);

    /// Whether it is being run at this moment.
    boolean isRunning(Job job);

    /// How many jobs can run at once.
    int size();

    /// Changes how many jobs can run at once. Those that run go on.
    void resize(int size);

    /// Takes no more jobs, and ends the processes when all are done.
    void shutdown();

    /// Takes no more jobs, and gives up those that have not begun.
    ///
    /// @param kill whether those that have begun are given up as well
    /// @return what was given up; these jobs never end
    List<Job> abandon(boolean kill);

    /// Whether no more jobs are taken.
    boolean isShutdown();

    /// Whether, after a shutdown, all has ended.
    boolean isTerminated();

    /// Waits for the end of all after a shutdown.
    ///
    /// @return false when the time was too short
    boolean awaitTermination(Duration limit) throws InterruptedException;
}
