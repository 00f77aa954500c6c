package dev.muster.parallel.child;

import java.io.IOException;

/// Signals to processes, by their names without `SIG`.
final class Signals {
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
