package dev.muster.parallel.wire;

import java.io.IOException;

/// The two sides of a connection do not belong together: another key, another protocol, or no
/// protocol of ours at all. Trying again does not help.
public final class HandshakeException extends IOException {
    HandshakeException(String message) {
        super(message);
    }
}
