package dev.muster.parallel.pipeline;

/// What was to be read as text has bytes in it that no text has.
public final class BinaryTextException extends RuntimeException {
    BinaryTextException(String name) {
        super("%s is binary: it has NUL bytes".formatted(name));
    }
}
