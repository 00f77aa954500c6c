package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Code;
import dev.muster.parallel.wire.Packed;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a parent tells a child.
sealed interface Order {
    /// Stands for any call in [TakeBack].
    long HALF = -1;

    /// How to work; the first order of all.
    record Setup(
            Path folder,
            Path journal,
            int maxTasks,
            long maxMemory,
            List<String> patterns,
            byte @Nullable [] initializer)
            implements Order {}

    /// A function that later calls refer to.
    record Define(long id, byte[] code) implements Order {}

    /// A call to run after those before it.
    ///
    /// @param number of the call at this child
    /// @param announced whether its start is reported
    /// @param codeId 0 when the code is in the order itself
    /// @param code empty for one that was defined
    record Call(long number, boolean announced, long codeId, byte[] code, Packed arguments)
            implements Order {}

    /// Give back a call that has not begun, or [#HALF] of all those.
    record TakeBack(long number) implements Order {}

    /// The answer to [Report.ClassWanted].
    record ClassIs(String resource, byte @Nullable [] bytes) implements Order {}

    /// End when all calls before this are done.
    record Stop() implements Order {}

    default void write(ByteSink sink) {
        switch (this) {
            case Setup setup -> {
                var at = Frames.begin(sink, 0);
                Frames.writeText(sink, setup.folder.toString());
                Frames.writeText(sink, setup.journal.toString());
                sink.writeInt(setup.maxTasks);
                sink.writeLong(setup.maxMemory);
                sink.writeInt(setup.patterns.size());
                setup.patterns.forEach(pattern -> Frames.writeText(sink, pattern));
                writeOptional(sink, setup.initializer);
                Frames.end(sink, at);
            }
            case Define(var id, var code) -> {
                var at = Frames.begin(sink, 1);
                sink.writeLong(id);
                Frames.writeBytes(sink, code);
                Frames.end(sink, at);
            }
            case Call call -> {
                var at = Frames.begin(sink, 2);
                sink.writeLong(call.number);
                sink.write(call.announced ? 1 : 0);
                sink.writeLong(call.codeId);
                if (call.codeId == 0) {
                    Frames.writeBytes(sink, call.code);
                }
                Frames.writePacked(sink, call.arguments);
                Frames.end(sink, at);
            }
            case TakeBack(var number) -> {
                var at = Frames.begin(sink, 3);
                sink.writeLong(number);
                Frames.end(sink, at);
            }
            case ClassIs(var resource, var bytes) -> {
                var at = Frames.begin(sink, 4);
                Frames.writeText(sink, resource);
                writeOptional(sink, bytes);
                Frames.end(sink, at);
            }
            case Stop() -> Frames.end(sink, Frames.begin(sink, 5));
        }
    }

    private static void writeOptional(ByteSink sink, byte @Nullable [] bytes) {
        sink.write(bytes == null ? 0 : 1);
        if (bytes != null) {
            Frames.writeBytes(sink, bytes);
        }
    }

    /// @throws StreamCorruptedException when it is no order
    static Order read(ByteBuffer frame) throws StreamCorruptedException {
        return Frames.read(frame, Order::readFields);
    }

    private static Order readFields(ByteBuffer frame) throws StreamCorruptedException {
        var kind = frame.get();
        return switch (kind) {
            case 0 ->
                    new Setup(
                            Path.of(Frames.readText(frame)),
                            Path.of(Frames.readText(frame)),
                            frame.getInt(),
                            frame.getLong(),
                            readTexts(frame),
                            readOptional(frame));
            case 1 -> new Define(frame.getLong(), Frames.readBytes(frame));
            case 2 -> {
                var number = frame.getLong();
                var announced = frame.get() == 1;
                var codeId = frame.getLong();
                var code = codeId == 0 ? Frames.readBytes(frame) : new byte[0];
                yield new Call(number, announced, codeId, code, Frames.readPacked(frame));
            }
            case 3 -> new TakeBack(frame.getLong());
            case 4 -> new ClassIs(Frames.readText(frame), readOptional(frame));
            case 5 -> new Stop();
            default -> throw new StreamCorruptedException("no order of the kind " + kind);
        };
    }

    private static List<String> readTexts(ByteBuffer frame) {
        var texts = new ArrayList<String>();
        for (var left = frame.getInt(); left > 0; left--) {
            texts.add(Frames.readText(frame));
        }
        return texts;
    }

    private static byte @Nullable [] readOptional(ByteBuffer frame) {
        return frame.get() == 0 ? null : Frames.readBytes(frame);
    }

    /// The order to run a job.
    static Call call(long number, Job job) {
        Code code = job.code;
        return new Call(
                number,
                job.announced,
                code.id(),
                code.id() == 0 ? code.bytes() : new byte[0],
                job.arguments);
    }
}
