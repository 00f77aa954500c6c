package dev.muster.queue;

import java.util.Arrays;
import java.util.Locale;

/// How a task that is terminated is stopped where it runs in a process of its own, as in Python
/// workers. Where it runs on a thread, that is interrupted, whatever the signal.
public enum Signal {
    /// Please end: what workers send when nothing else is said.
    TERM(15),
    /// End at once.
    KILL(9),
    /// As from the keyboard; Python raises `KeyboardInterrupt`.
    INT(2),
    /// End, and leave a core dump.
    QUIT(3),
    /// Hang up.
    HUP(1),
    /// Python raises `SoftTimeLimitExceeded`.
    USR1(10);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /// The signal of this name, with or without `SIG`, in whatever case, or of this number.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Signal of(String name) {
        var wanted = name.strip().toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
        return Arrays.stream(values())
                .filter(signal ->
                        signal.name().equals(wanted)
                                || String.valueOf(signal.number).equals(wanted))
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
