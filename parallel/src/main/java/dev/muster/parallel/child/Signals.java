package dev.muster.parallel.child;

import java.io.IOException;
import java.util.Map;

/// Signals to processes, by their names without `SIG`.
final class Signals {
    /// What a shell adds to the number of a signal.
    static final int SIGNALLED = 128;

    static final Map<Integer, String> NAMES =
            Map.of(
                    1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS",
                    8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

    static final String KILL = "KILL";
    private static final String TERM = "TERM";

    private Signals() {}

    /// Sends a signal. One that the system does not know, or a system that knows none, ends the
    /// process as `TERM` does.
    static void send(Process process, String signal) {
        if (signal.equals(TERM) || !isSent(process, signal)) {
            process.destroy();
        }
    }

    private static boolean isSent(Process process, String signal) {
        try {
            return new ProcessBuilder("kill", "-s", signal, String.valueOf(process.pid()))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
