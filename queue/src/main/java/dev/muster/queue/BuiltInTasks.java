package dev.muster.queue;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.spi.MusterException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The tasks that every worker of Celery has (celery-wire 5.9).
final class BuiltInTasks {
    static final String MAP = "celery.map";
    static final String STARMAP = "celery.starmap";
    static final String ACCUMULATE = "celery.accumulate";

    private final Supplier<Muster> muster;

    /// @param muster asked for when a task runs, as it is not ready before
    BuiltInTasks(Supplier<Muster> muster) {
        this.muster = muster;
    }

    @Task(name = ACCUMULATE)
    static @Nullable Object accumulate(
            @Kwargs Map<String, @Nullable Object> kwargs, Object... args) {
        return kwargs.get("index") instanceof Number index ? args[index.intValue()] : args;
    }

    @Task(name = MAP)
    List<@Nullable Object> map(Map<String, @Nullable Object> task, List<@Nullable Object> it)
            throws Throwable {
        var values = new ArrayList<@Nullable Object>(it.size());
        for (var item : it) {
            values.add(run(task, Collections.<@Nullable Object>singletonList(item)));
        }
        return values;
    }

    @Task(name = STARMAP)
    List<@Nullable Object> starmap(
            Map<String, @Nullable Object> task, List<List<@Nullable Object>> it) throws Throwable {
        var values = new ArrayList<@Nullable Object>(it.size());
        for (var args : it) {
            values.add(run(task, args));
        }
        return values;
    }

    private @Nullable Object run(Map<String, @Nullable Object> task, List<@Nullable Object> args)
            throws Throwable {
        if (!(WorkflowFormat.read(task) instanceof Signature<?> call)) {
            throw new DecodeException("only a single task can be mapped");
        }
        var definition =
                muster.get()
                        .registry()
                        .find(call.task())
                        .orElseThrow(() ->
                                new MusterException(
                                        "no task of this name is registered here: " + call.task()));
        return definition.run(TaskContext.current(), args, Map.of(), muster.get().json());
    }

    /// Sends the parts, and returns where their results will be.
    @Task(name = "celery.chunks")
    List<@Nullable Object> chunks(
            Map<String, @Nullable Object> task, List<List<@Nullable Object>> it, int n) {
        if (!(WorkflowFormat.read(task) instanceof Signature<?> call)) {
            throw new DecodeException("only calls of a single task can be put into chunks");
        }
        return sent(Canvas.chunks(call, it, n));
    }

    private List<@Nullable Object> sent(Workflow<?> workflow) {
        return muster.get().dispatcher().send(List.of(workflow)).getFirst().toTuple();
    }

    /// As old clients of Celery send groups.
    @Task(name = "celery.group")
    List<@Nullable Object> group(
            List<Map<String, @Nullable Object>> tasks,
            @Nullable Object result,
            String group_id,
            List<@Nullable Object> partial_args,
            @Kwargs Map<String, @Nullable Object> others) {
        var members =
                tasks.stream()
                        .<Workflow<?>>map(task ->
                                WorkflowFormat.read(task)
                                        .withFirst(call -> call.prepended(partial_args)))
                        .toList();
        return sent(new Group<>(members, Map.of()).id(group_id));
    }

    @Task(name = "celery.chain")
    @SuppressWarnings("DoNotCallSuggester") // it is there to be called, and to say why not
    static void chain(@Kwargs Map<String, @Nullable Object> kwargs, Object... args) {
        throw new UnsupportedOperationException(
                "chain is not a real task: its sender should have sent its first step");
    }

    /// As old clients of Celery send chords.
    @Task(name = "celery.chord")
    List<@Nullable Object> chord(
            @Nullable Object header,
            Map<String, @Nullable Object> body,
            @Default("[]") List<@Nullable Object> partial_args,
            @Kwargs Map<String, @Nullable Object> others) {
        var chord = new Chord<>(WorkflowFormat.header(header), WorkflowFormat.read(body), Map.of());
        return sent(chord.withFirst(call -> call.prepended(partial_args)));
    }

    @Task(name = ChordUnlock.NAME, ignoreResult = Task.Toggle.ON)
    void unlock(
            TaskContext context,
            String group_id,
            Map<String, @Nullable Object> callback,
            @Nullable Double interval,
            @Nullable Integer max_retries,
            List<@Nullable Object> result,
            @Kwargs Map<String, @Nullable Object> others) {
        new ChordUnlock(muster.get(), context.hostname())
                .look(group_id, callback, result, interval, max_retries);
    }

    /// Deletes results that have expired. Stores do so by themselves sooner or later.
    @Task(name = "celery.backend_cleanup", ignoreResult = Task.Toggle.ON)
    void cleanUp() {
        muster.get().store().cleanUp();
    }
}
