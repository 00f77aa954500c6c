package dev.muster.queue;

import java.util.Arrays;
import java.util.Locale;

/// How a task that is terminated is stopped where it runs in a process of its own, as in Python
/// workers. Where it runs on a thread, that is interrupted, whatever the signal.
public enum Signal {
    /// Please end: what workers send when nothing else is said.
    TERM,
    /// End at once.
    KILL,
    /// As from the keyboard; Python raises `KeyboardInterrupt`.
    INT,
    /// End, and leave a core dump.
    QUIT,
    /// Hang up.
    HUP,
    /// Python raises `SoftTimeLimitExceeded`.
    USR1;

    /// The signal of this name, with or without `SIG`, in whatever case.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Signal of(String name) {
        var wanted = name.strip().toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
        return Arrays.stream(values())
                .filter(signal -> signal.name().equals(wanted))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "a task can be stopped with one of %s, not with '%s'"
                                        .formatted(Arrays.toString(values()), name)));
    }

    /// The name on the wire, `SIGTERM`.
    public String wireName() {
        return "SIG" + name();
    }
}
