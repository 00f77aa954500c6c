package dev.muster.parallel.ring;

import java.io.IOException;

/// The process that made the queue has ended, and the queue with it.
public final class OwnerLostException extends IOException {
    OwnerLostException() {
        super("the process that made the queue has ended");
    }
}
