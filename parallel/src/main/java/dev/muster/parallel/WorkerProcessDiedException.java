package dev.muster.parallel;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The child process of a call ended while it ran: it was killed, crashed, ran out of memory, or
/// called `System.exit`. The call may have done a part of its work.
public final class WorkerProcessDiedException extends PoolException {
    /// What a shell adds to the number of a signal.
    private static final int SIGNALLED = 128;

    private static final Map<Integer, String> SIGNALS =
            Map.of(
                    1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS",
                    8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

    private final int exitStatus;
    private final List<String> lastErrorLines;

    WorkerProcessDiedException(String process, int exitStatus, List<String> lastErrorLines) {
        super(
                "the process [%s] died in this call, %s%s"
                        .formatted(
                                process,
                                signal(exitStatus)
                                        .map("killed by "::concat)
                                        .orElse("with the exit status " + exitStatus),
                                lastErrorLines.isEmpty()
                                        ? ""
                                        : "; its last words: "
                                                + String.join(" | ", lastErrorLines)),
                null);
        this.exitStatus = exitStatus;
        this.lastErrorLines = List.copyOf(lastErrorLines);
    }

    private static Optional<String> signal(int exitStatus) {
        return Optional.ofNullable(SIGNALS.get(exitStatus - SIGNALLED));
    }

    /// As the system has it: for a process that was killed by a signal, 128 and its number.
    public int exitStatus() {
        return exitStatus;
    }

    /// The signal that killed it, such as `SIGKILL`.
    public Optional<String> signal() {
        return signal(exitStatus);
    }

    /// The last lines that it printed on its standard error.
    public List<String> lastErrorLines() {
        return lastErrorLines;
    }
}
