package dev.muster.parallel;

import dev.muster.parallel.child.Ending;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The child process of a call ended while it ran: it was killed, crashed, ran out of memory, or
/// called `System.exit`. The call may have done a part of its work.
public final class WorkerProcessDiedException extends PoolException {
    private final int exitStatus;
    private final @Nullable String signal;
    private final List<String> lastErrorLines;

    WorkerProcessDiedException(Ending.Died ending) {
        super(
                "the process [%s] died in this call, %s%s"
                        .formatted(
                                ending.child(),
                                ending.signal()
                                        .map("killed by "::concat)
                                        .orElse("with the exit status " + ending.exitStatus()),
                                ending.lastLines().isEmpty()
                                        ? ""
                                        : "; its last words: "
                                                + String.join(" | ", ending.lastLines())),
                null);
        this.exitStatus = ending.exitStatus();
        this.signal = ending.signal().orElse(null);
        this.lastErrorLines = ending.lastLines();
    }

    /// As the system has it: for a process that was killed by a signal, 128 and its number.
    public int exitStatus() {
        return exitStatus;
    }

    /// The signal that killed it, such as `SIGKILL`.
    public Optional<String> signal() {
        return Optional.ofNullable(signal);
    }

    /// The last lines that it printed on its standard error.
    public List<String> lastErrorLines() {
        return lastErrorLines;
    }
}
