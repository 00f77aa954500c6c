package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.graph.WorkflowGraph;
import dev.muster.queue.message.TaskRequest;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Work to be done by tasks, as a value: a call of one task ([Signature]), calls one after the
/// other ([Chain]), calls side by side ([Group]), or calls side by side and then one with all their
/// values ([Chord]). Immutable; each method returns a changed copy.
///
/// ```java
/// call(Shop::fetch, id).then(Shop::price).then(Shop::render, "pdf")
/// group(chunks.map(chunk -> call(Sort::sort, chunk))).then(Sort::merge)
/// ```
///
/// A workflow travels as the dictionaries of Celery's canvas ([#toMap()]), so each of its tasks may
/// run in a Java or in a Python worker.
///
/// @param <R> its value: that of the last task, or the list of values of a group
@SuppressWarnings(
        "overloads") // a method reference always fits one of them best; a lambda, which might not,
// is no task
public abstract sealed class Workflow<R extends @Nullable Object>
        permits Signature, Chain, Group, Chord {
    Workflow() {}

    /// Reads a workflow from Celery's dictionary form.
    ///
    /// @param map plain data, as JSON has it
    /// @throws dev.muster.queue.codec.DecodeException when it is no workflow
    public static Workflow<@Nullable Object> ofMap(Map<String, ? extends @Nullable Object> map) {
        return WorkflowFormat.read(map);
    }

    /// The workflow in Celery's dictionary form: `task`, `args`, `kwargs`, `options`,
    /// `subtask_type`, `immutable`. Arguments are the values that were given.
    public Map<String, @Nullable Object> toMap() {
        return WorkflowFormat.write(this);
    }

    /// The workflow as a picture, with its callbacks.
    public WorkflowGraph graph() {
        return WorkflowDrawing.of(this);
    }

    /// Then another workflow. If it begins with a call by name, that gets the value of this one as
    /// its first argument; calls of methods are complete, and start when this one has succeeded.
    public <S extends @Nullable Object> Workflow<S> then(Workflow<S> next) {
        return Chain.join(this, next);
    }

    /// Then a call that lacks its first argument: it gets the value of this workflow.
    public <S extends @Nullable Object> Workflow<S> then(Step<? super R, S> next) {
        return then(next.call());
    }

    /// Then this task: its first argument is the value of this workflow.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <S extends @Nullable Object> Workflow<S> then(TaskReference.Of1<R, S> task) {
        return then(Signature.open(task));
    }

    /// Then this task: its first argument is the value of this workflow, the other is given here.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, S extends @Nullable Object> Workflow<S> then(
            TaskReference.Of2<R, B, S> task, B b) {
        return then(Signature.open(task, b));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object, S extends @Nullable Object>
            Workflow<S> then(TaskReference.Of3<R, B, C, S> task, B b, C c) {
        return then(Signature.open(task, b, c));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    S extends @Nullable Object>
            Workflow<S> then(TaskReference.Of4<R, B, C, D, S> task, B b, C c, D d) {
        return then(Signature.open(task, b, c, d));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    S extends @Nullable Object>
            Workflow<S> then(TaskReference.Of5<R, B, C, D, E, S> task, B b, C c, D d, E e) {
        return then(Signature.open(task, b, c, d, e));
    }

    /// Then this task: its first argument is the value of this workflow. It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public Workflow<@Nullable Void> then(TaskReference.VoidOf1<R> task) {
        return then(Signature.open(task));
    }

    /// Then this task: its first argument is the value of this workflow, the other is given here.
    /// It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object> Workflow<@Nullable Void> then(
            TaskReference.VoidOf2<R, B> task, B b) {
        return then(Signature.open(task, b));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object> Workflow<@Nullable Void> then(
            TaskReference.VoidOf3<R, B, C> task, B b, C c) {
        return then(Signature.open(task, b, c));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object, D extends @Nullable Object>
            Workflow<@Nullable Void> then(TaskReference.VoidOf4<R, B, C, D> task, B b, C c, D d) {
        return then(Signature.open(task, b, c, d));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Workflow<@Nullable Void> then(
                    TaskReference.VoidOf5<R, B, C, D, E> task, B b, C c, D d, E e) {
        return then(Signature.open(task, b, c, d, e));
    }

    /// Then this task: its first argument is the value of this workflow. The worker supplies the
    /// context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <S extends @Nullable Object> Workflow<S> then(TaskReference.ContextOf1<R, S> task) {
        return then(Signature.open(task));
    }

    /// Then this task: its first argument is the value of this workflow, the other is given here.
    /// The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, S extends @Nullable Object> Workflow<S> then(
            TaskReference.ContextOf2<R, B, S> task, B b) {
        return then(Signature.open(task, b));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object, S extends @Nullable Object>
            Workflow<S> then(TaskReference.ContextOf3<R, B, C, S> task, B b, C c) {
        return then(Signature.open(task, b, c));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    S extends @Nullable Object>
            Workflow<S> then(TaskReference.ContextOf4<R, B, C, D, S> task, B b, C c, D d) {
        return then(Signature.open(task, b, c, d));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    S extends @Nullable Object>
            Workflow<S> then(TaskReference.ContextOf5<R, B, C, D, E, S> task, B b, C c, D d, E e) {
        return then(Signature.open(task, b, c, d, e));
    }

    /// Then this task: its first argument is the value of this workflow. It has no value. The
    /// worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public Workflow<@Nullable Void> then(TaskReference.VoidContextOf1<R> task) {
        return then(Signature.open(task));
    }

    /// Then this task: its first argument is the value of this workflow, the other is given here.
    /// It has no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object> Workflow<@Nullable Void> then(
            TaskReference.VoidContextOf2<R, B> task, B b) {
        return then(Signature.open(task, b));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object> Workflow<@Nullable Void> then(
            TaskReference.VoidContextOf3<R, B, C> task, B b, C c) {
        return then(Signature.open(task, b, c));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <B extends @Nullable Object, C extends @Nullable Object, D extends @Nullable Object>
            Workflow<@Nullable Void> then(
                    TaskReference.VoidContextOf4<R, B, C, D> task, B b, C c, D d) {
        return then(Signature.open(task, b, c, d));
    }

    /// Then this task: its first argument is the value of this workflow, the others are given here.
    /// It has no value. The worker supplies the context.
    ///
    /// @throws NotATaskException when the reference is to something else than a task
    public <
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object>
            Workflow<@Nullable Void> then(
                    TaskReference.VoidContextOf5<R, B, C, D, E> task, B b, C c, D d, E e) {
        return then(Signature.open(task, b, c, d, e));
    }

    /// Calls this as well when it has succeeded, in parallel with what comes next; several are
    /// possible. A call by name gets the value as its first argument.
    ///
    /// @throws IllegalStateException when it ends with a group, whose end is that of no single
    ///   task: use [#then(Workflow)]
    public Workflow<R> link(Workflow<?> callback) {
        return withLast(call -> call.link(callback));
    }

    /// Calls this as well with the value, as [#link(Workflow)] does.
    public Workflow<R> link(Step<? super R, ?> callback) {
        return link(callback.call());
    }

    /// Calls this when a task of it has failed, once for each task that fails. Of a chord, its
    /// body: it fails when a task of its header does. A call by name gets the id of the failed task
    /// as its first argument.
    public Workflow<R> onError(Workflow<?> callback) {
        return withEach(call -> call.onError(callback));
    }

    /// Calls this task when a task of it has failed, as [#onError(Workflow)] does.
    ///
    /// @param task its argument is the id of the failed task
    /// @throws NotATaskException when the reference is to something else than a task
    public Workflow<R> onError(TaskReference.VoidOf1<String> task) {
        return onError(Signature.<@Nullable Void>open(task));
    }

    /// Calls this task when a task of it has failed, as [#onError(Workflow)] does.
    ///
    /// @param task its argument is the id of the failed task
    /// @throws NotATaskException when the reference is to something else than a task
    public Workflow<R> onError(TaskReference.VoidContextOf1<String> task) {
        return onError(Signature.<@Nullable Void>open(task));
    }

    /// Calls this method when a task of it has failed, in the worker in which it failed and at
    /// once: so it is to be quick. A worker that does not know it sends it as a task instead, which
    /// then fails for lack of arguments.
    ///
    /// @param task its arguments are the call that failed, why, and the stack trace
    /// @throws NotATaskException when the reference is to something else than a task
    public Workflow<R> onError(TaskReference.VoidOf3<TaskRequest, Throwable, String> task) {
        return onError(Signature.<@Nullable Void>open(task));
    }

    /// Gives the last task its id, and a group the id of the whole group.
    public Workflow<R> id(String id) {
        return withLast(call -> call.id(id));
    }

    /// Sends every call of it to this queue.
    public Workflow<R> queue(String name) {
        return withEach(call -> call.queue(name));
    }

    /// The priority of every call, 0 to 255. RabbitMQ and SQL serve larger numbers first, Redis
    /// smaller ones.
    public Workflow<R> priority(int priority) {
        return withEach(call -> call.priority(priority));
    }

    /// How the arguments of every call are written: `json`, `msgpack` or `yaml`.
    public Workflow<R> serializer(String name) {
        return withEach(call -> call.serializer(name));
    }

    /// How the body of every message is compressed: `gzip`, `zlib` or `bzip2`.
    public Workflow<R> compression(String name) {
        return withEach(call -> call.compression(name));
    }

    /// After this time, counted for each call from its sending on, it is not started any more.
    public Workflow<R> expires(Duration delay) {
        return withEach(call -> call.expires(delay));
    }

    /// From this instant on, no call of it is started any more.
    public Workflow<R> expires(Instant instant) {
        return withEach(call -> call.expires(instant));
    }

    /// Does not start before this time from sending on has passed.
    public Workflow<R> countdown(Duration delay) {
        return withFirst(call -> call.countdown(delay));
    }

    /// Does not start before this instant.
    public Workflow<R> eta(Instant instant) {
        return withFirst(call -> call.eta(instant));
    }

    /// Adds a header that every task sees.
    public Workflow<R> header(String name, @Nullable Object value) {
        return withEach(call -> call.header(name, value));
    }

    /// Stamps every call: a named value that stands in the headers of its message, and that workers
    /// pass on to the callbacks and steps which they send for it.
    public Workflow<R> stamp(String name, @Nullable Object value) {
        return withEach(call -> call.stamp(name, value));
    }

    abstract Type resultType();

    abstract Map<Option<?>, Object> options();

    abstract Workflow<R> withOptions(Map<Option<?>, Object> changed);

    /// Changes all calls of which it is made, but for callbacks.
    abstract Workflow<R> withEach(UnaryOperator<Signature<?>> change);

    /// Changes those calls that are made when it starts.
    abstract Workflow<R> withFirst(UnaryOperator<Signature<?>> change);

    /// Changes the call with which it ends.
    ///
    /// @throws IllegalStateException when it ends with a group
    abstract Workflow<R> withLast(UnaryOperator<Signature<?>> change);

    <T> Optional<T> option(Option<T> option) {
        return Optional.ofNullable(option.type().cast(options().get(option)));
    }

    <T> Workflow<R> with(Option<T> option, T value) {
        var changed = new LinkedHashMap<>(options());
        changed.put(option, Objects.requireNonNull(value, option.name()));
        return withOptions(changed);
    }

    <T> Workflow<R> withDefault(Option<T> option, @Nullable T value) {
        return value == null || options().containsKey(option) ? this : with(option, value);
    }
}
