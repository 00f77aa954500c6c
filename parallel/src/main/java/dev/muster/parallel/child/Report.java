package dev.muster.parallel.child;

import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a child tells its parent.
sealed interface Report {
    /// It has begun, and takes calls.
    record Ready() implements Report {}

    /// An announced call begins.
    record Started(long number) implements Report {}

    /// A call has returned.
    ///
    /// @param nanos how long it took
    record Returned(long number, long nanos, Packed value) implements Report {}

    /// A call has thrown an exception.
    record Threw(long number, long nanos, Packed thrown) implements Report {}

    /// Calls that it will not run: the answer to [Order.TakeBack].
    record GivenBack(List<Long> numbers) implements Report {}

    /// A call that cannot be given back, as it has begun.
    record Kept(long number) implements Report {}

    /// A class that it does not have.
    record ClassWanted(String resource) implements Report {}

    /// The initializer has thrown an exception.
    record NotReady(Packed thrown) implements Report {}

    default void write(ByteSink sink) {
        switch (this) {
            case Ready() -> Frames.end(sink, Frames.begin(sink, 0));
            case Started(var number) -> {
                var at = Frames.begin(sink, 1);
                sink.writeLong(number);
                Frames.end(sink, at);
            }
            case Returned(var number, var nanos, var value) ->
                    writeOutcome(sink, 2, number, nanos, value);
            case Threw(var number, var nanos, var thrown) ->
                    writeOutcome(sink, 3, number, nanos, thrown);
            case GivenBack(var numbers) -> {
                var at = Frames.begin(sink, 4);
                sink.writeInt(numbers.size());
                numbers.forEach(sink::writeLong);
                Frames.end(sink, at);
            }
            case Kept(var number) -> {
                var at = Frames.begin(sink, 5);
                sink.writeLong(number);
                Frames.end(sink, at);
            }
            case ClassWanted(var resource) -> {
                var at = Frames.begin(sink, 6);
                Frames.writeText(sink, resource);
                Frames.end(sink, at);
            }
            case NotReady(var thrown) -> {
                var at = Frames.begin(sink, 7);
                Frames.writePacked(sink, thrown);
                Frames.end(sink, at);
            }
        }
    }

    private static void writeOutcome(
            ByteSink sink, int kind, long number, long nanos, Packed packed) {
        var at = Frames.begin(sink, kind);
        sink.writeLong(number);
        sink.writeLong(nanos);
        Frames.writePacked(sink, packed);
        Frames.end(sink, at);
    }

    /// @throws StreamCorruptedException when it is no report
    static Report read(ByteBuffer frame) throws StreamCorruptedException {
        return Frames.read(frame, Report::readFields);
    }

    private static Report readFields(ByteBuffer frame) throws StreamCorruptedException {
        var kind = frame.get();
        return switch (kind) {
            case 0 -> new Ready();
            case 1 -> new Started(frame.getLong());
            case 2 -> new Returned(frame.getLong(), frame.getLong(), Frames.readPacked(frame));
            case 3 -> new Threw(frame.getLong(), frame.getLong(), Frames.readPacked(frame));
            case 4 -> {
                var numbers = new ArrayList<Long>();
                for (var left = frame.getInt(); left > 0; left--) {
                    numbers.add(frame.getLong());
                }
                yield new GivenBack(numbers);
            }
            case 5 -> new Kept(frame.getLong());
            case 6 -> new ClassWanted(Frames.readText(frame));
            case 7 -> new NotReady(Frames.readPacked(frame));
            default -> throw new StreamCorruptedException("no report of the kind " + kind);
        };
    }
}
