package dev.muster.parallel.child;

import dev.muster.parallel.wire.Packed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a call came to its end.
public sealed interface Ending {
    /// It returned a value.
    record Returned(Packed value) implements Ending {}

    /// It threw an exception.
    record Threw(Packed thrown) implements Ending {}

    /// Its process ended while it ran.
    ///
    /// @param exitStatus as the system has it: 128 and the number of a signal that killed it
    /// @param lastLines of its standard error
    record Died(String child, int exitStatus, List<String> lastLines) implements Ending {
        public Died {
            lastLines = List.copyOf(lastLines);
        }

        /// The signal that killed it, such as `SIGKILL`.
        public Optional<String> signal() {
            return Optional.ofNullable(Signals.NAMES.get(exitStatus - Signals.SIGNALLED));
        }
    }

    /// It ran longer than it may, and its process was killed.
    record TimedOut(Duration limit) implements Ending {}

    /// It never ran, as no child can be started.
    ///
    /// @param thrown what the initializer has thrown; null for another reason
    record Refused(String reason, @Nullable Packed thrown) implements Ending {}
}
