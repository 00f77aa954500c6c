package dev.muster.parallel.cluster;

import java.io.IOException;

/// An entry of a class path is not what it was announced to be.
final class WrongCodeException extends IOException {
    WrongCodeException(CodeEntry entry) {
        super(
                "what came as %s has not the SHA-256 %s and the size %d; has it changed since?"
                        .formatted(entry.name(), entry.sha256(), entry.size()));
    }
}
