package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import java.lang.reflect.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A group, its header, and then a workflow with the values of all, its body. Immutable. Made by
/// [Workflow#then(Workflow)] of a group.
///
/// The body starts once, when the last task of the header has succeeded, even if a task of it is
/// delivered twice. When a task of the header fails, the body fails with it, when the others have
/// ended: the body's error callbacks are called.
///
/// @param <R> the value of the body
public final class Chord<R extends @Nullable Object> extends Workflow<R> {
    private final Group<?> header;
    private final Workflow<R> body;
    private final Map<Option<?>, Object> options;

    Chord(Group<?> header, Workflow<R> body, Map<Option<?>, Object> options) {
        this.header = header;
        this.body = body;
        this.options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /// What is done at once.
    public Group<?> header() {
        return header;
    }

    /// What is done with the list of the values.
    public Workflow<R> body() {
        return body;
    }

    @Override
    Type resultType() {
        return body.resultType();
    }

    @Override
    Map<Option<?>, Object> options() {
        return options;
    }

    @Override
    Chord<R> withOptions(Map<Option<?>, Object> changed) {
        return new Chord<>(header, body, changed);
    }

    @Override
    Chord<R> withEach(UnaryOperator<Signature<?>> change) {
        return new Chord<>(header.withEach(change), body.withEach(change), options);
    }

    @Override
    Chord<R> withFirst(UnaryOperator<Signature<?>> change) {
        return header.members().isEmpty()
                ? new Chord<>(header, body.withFirst(change), options)
                : new Chord<>(header.withFirst(change), body, options);
    }

    @Override
    Chord<R> withLast(UnaryOperator<Signature<?>> change) {
        return new Chord<>(header, body.withLast(change), options);
    }

    @Override
    public Chord<R> onError(Workflow<?> callback) {
        return new Chord<>(header, body.onError(callback), options);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Chord<?> that
                && header.equals(that.header)
                && body.equals(that.body)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(header, body, options);
    }

    @Override
    public String toString() {
        return "%s | %s".formatted(header, body);
    }
}
