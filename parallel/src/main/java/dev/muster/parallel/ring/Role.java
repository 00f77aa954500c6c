package dev.muster.parallel.ring;

/// What a queue ends with: when the last process in a role is gone, the queue is closed.
public enum Role {
    SENDER(1),
    RECEIVER(2);

    final int bit;

    Role(int bit) {
        this.bit = bit;
    }
}
