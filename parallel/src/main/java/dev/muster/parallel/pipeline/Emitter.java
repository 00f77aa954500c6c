package dev.muster.parallel.pipeline;

/// Where the body of a [Generator] puts its values.
public interface Emitter<T> {
    /// Hands a value to whoever asks the generator, and waits until the next is asked for. When the
    /// generator is closed instead, this throws, and the `finally` blocks of the body run.
    void emit(T value);
}
