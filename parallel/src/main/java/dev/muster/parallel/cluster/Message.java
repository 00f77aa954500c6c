package dev.muster.parallel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Packed;
import java.io.StreamCorruptedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a client and a server tell each other. A message is a frame: its kind and its fields.
sealed interface Message {
    /// What both sides speak, with its version.
    String PROTOCOL = "muster-pool/1";

    /// From the client, the first message: its program.
    ///
    /// @param program the same for clients that may share child processes
    /// @param complete whether all classes are on the class path; otherwise the client is asked for
    ///   those that are not
    /// @param initializer run once in each child; null for nothing
    record Hello(
            String program, boolean complete, List<CodeEntry> code, byte @Nullable [] initializer)
            implements Message {
        public Hello {
            code = List.copyOf(code);
        }
    }

    /// From the server: the entries that it lacks, by their places in the list.
    record Wanted(List<Integer> entries) implements Message {
        public Wanted {
            entries = List.copyOf(entries);
        }
    }

    /// From the client: a piece of the first entry that the server lacks and has not got.
    record Content(boolean isLast, byte[] bytes) implements Message {}

    /// From the server: calls are taken from now on.
    ///
    /// @param server the same in the life of the server, and no other's
    record Welcome(String server, int slots) implements Message {}

    /// From the server: it takes no calls, and ends the connection.
    record Rejected(String reason) implements Message {}

    /// From the client: a function that later calls refer to.
    record Define(long code, byte[] bytes) implements Message {}

    /// From both: a piece of what is large in a call, or in its outcome, which come after it.
    record Part(long number, byte[] bytes) implements Message {}

    /// From the client: a call.
    ///
    /// @param limitNanos how long it may run; 0 for as long as it likes
    /// @param codeId 0 when the code is in the message itself
    /// @param code empty for one that was defined
    record Call(long number, long limitNanos, long codeId, byte[] code, Packed arguments)
            implements Message {}

    /// From the client: give back what of these has not begun.
    record TakeBack(List<Long> numbers) implements Message {
        public TakeBack {
            numbers = List.copyOf(numbers);
        }
    }

    /// From the client: give up a call.
    ///
    /// @param kill whether its process is killed if it runs
    record Cancel(long number, boolean kill) implements Message {}

    /// From the server: a call that is not known to be short begins.
    record Started(long number) implements Message {}

    /// From the server: how a call has ended.
    ///
    /// @param nanos how long it ran; 0 while unknown
    /// @param others how many of the server's slots are in use for other clients
    record Ended(long number, long nanos, int others, Ending ending) implements Message {}

    /// From the server: a call that it runs no more, as it was taken back or cancelled.
    record GivenBack(long number) implements Message {}

    /// From the server: a class or another resource that is not on the class path.
    record ClassWanted(String resource) implements Message {}

    /// From the client, the answer.
    record ClassIs(String resource, byte @Nullable [] bytes) implements Message {}

    /// The value in it, which may have large parts; null when there is none.
    default @Nullable Packed packed() {
        return switch (this) {
            case Call call -> call.arguments;
            case Ended ended ->
                    switch (ended.ending) {
                        case Ending.Returned(var value) -> value;
                        case Ending.Threw(var thrown) -> thrown;
                        case Ending.Refused(_, var thrown) -> thrown;
                        case Ending.Died _, Ending.TimedOut _ -> null;
                    };
            default -> null;
        };
    }

    default void write(ByteSink sink) {
        switch (this) {
            case Hello(var program, var complete, var code, var initializer) -> {
                sink.write(0);
                writeText(sink, program);
                sink.write(complete ? 1 : 0);
                sink.writeInt(code.size());
                for (var entry : code) {
                    writeText(sink, entry.name());
                    writeText(sink, entry.sha256());
                    sink.writeLong(entry.size());
                }
                writeOptional(sink, initializer);
            }
            case Wanted(var entries) -> {
                sink.write(1);
                sink.writeInt(entries.size());
                entries.forEach(sink::writeInt);
            }
            case Content(var isLast, var bytes) -> {
                sink.write(2);
                sink.write(isLast ? 1 : 0);
                writeBytes(sink, bytes);
            }
            case Welcome(var server, var slots) -> {
                sink.write(3);
                writeText(sink, server);
                sink.writeInt(slots);
            }
            case Rejected(var reason) -> {
                sink.write(4);
                writeText(sink, reason);
            }
            case Define(var code, var bytes) -> {
                sink.write(5);
                sink.writeLong(code);
                writeBytes(sink, bytes);
            }
            case Part(var number, var bytes) -> {
                sink.write(6);
                sink.writeLong(number);
                writeBytes(sink, bytes);
            }
            case Call call -> {
                sink.write(7);
                sink.writeLong(call.number);
                sink.writeLong(call.limitNanos);
                sink.writeLong(call.codeId);
                if (call.codeId == 0) {
                    writeBytes(sink, call.code);
                }
                writePacked(sink, call.arguments);
            }
            case TakeBack(var numbers) -> {
                sink.write(8);
                sink.writeInt(numbers.size());
                numbers.forEach(sink::writeLong);
            }
            case Cancel(var number, var kill) -> {
                sink.write(9);
                sink.writeLong(number);
                sink.write(kill ? 1 : 0);
            }
            case Started(var number) -> {
                sink.write(10);
                sink.writeLong(number);
            }
            case Ended(var number, var nanos, var others, var ending) -> {
                sink.write(11);
                sink.writeLong(number);
                sink.writeLong(nanos);
                sink.writeInt(others);
                writeEnding(sink, ending);
            }
            case GivenBack(var number) -> {
                sink.write(12);
                sink.writeLong(number);
            }
            case ClassWanted(var resource) -> {
                sink.write(13);
                writeText(sink, resource);
            }
            case ClassIs(var resource, var bytes) -> {
                sink.write(14);
                writeText(sink, resource);
                writeOptional(sink, bytes);
            }
        }
    }

    /// @param parts takes the file with what came in the parts for a call
    /// @throws StreamCorruptedException when it is no message
    static Message read(byte[] frame, LongFunction<@Nullable Path> parts)
            throws StreamCorruptedException {
        try {
            return read(ByteBuffer.wrap(frame), parts);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            var problem = new StreamCorruptedException("a message that makes no sense: " + e);
            problem.initCause(e);
            throw problem;
        }
    }

    private static Message read(ByteBuffer frame, LongFunction<@Nullable Path> parts) {
        var kind = frame.get();
        return switch (kind) {
            case 0 -> {
                var program = readText(frame);
                var complete = readTruth(frame);
                var code =
                        readList(
                                frame,
                                () ->
                                        new CodeEntry(
                                                readText(frame), readText(frame), frame.getLong()));
                yield new Hello(program, complete, code, readOptional(frame));
            }
            case 1 -> new Wanted(readList(frame, frame::getInt));
            case 2 -> new Content(readTruth(frame), readBytes(frame));
            case 3 -> new Welcome(readText(frame), frame.getInt());
            case 4 -> new Rejected(readText(frame));
            case 5 -> new Define(frame.getLong(), readBytes(frame));
            case 6 -> new Part(frame.getLong(), readBytes(frame));
            case 7 -> {
                var number = frame.getLong();
                var limitNanos = frame.getLong();
                var codeId = frame.getLong();
                var code = codeId == 0 ? readBytes(frame) : new byte[0];
                yield new Call(number, limitNanos, codeId, code, readPacked(frame, number, parts));
            }
            case 8 -> new TakeBack(readList(frame, frame::getLong));
            case 9 -> new Cancel(frame.getLong(), readTruth(frame));
            case 10 -> new Started(frame.getLong());
            case 11 -> {
                var number = frame.getLong();
                yield new Ended(
                        number, frame.getLong(), frame.getInt(), readEnding(frame, number, parts));
            }
            case 12 -> new GivenBack(frame.getLong());
            case 13 -> new ClassWanted(readText(frame));
            case 14 -> new ClassIs(readText(frame), readOptional(frame));
            default -> throw new IllegalArgumentException("the kind " + kind);
        };
    }

    private static void writeEnding(ByteSink sink, Ending ending) {
        switch (ending) {
            case Ending.Returned(var value) -> {
                sink.write(0);
                writePacked(sink, value);
            }
            case Ending.Threw(var thrown) -> {
                sink.write(1);
                writePacked(sink, thrown);
            }
            case Ending.Died(var child, var exitStatus, var lastLines) -> {
                sink.write(2);
                writeText(sink, child);
                sink.writeInt(exitStatus);
                sink.writeInt(lastLines.size());
                lastLines.forEach(line -> writeText(sink, line));
            }
            case Ending.TimedOut(var limit) -> {
                sink.write(3);
                sink.writeLong(limit.toNanos());
            }
            case Ending.Refused(var reason, var thrown) -> {
                sink.write(4);
                writeText(sink, reason);
                sink.write(thrown == null ? 0 : 1);
                if (thrown != null) {
                    writePacked(sink, thrown);
                }
            }
        }
    }

    private static Ending readEnding(
            ByteBuffer frame, long number, LongFunction<@Nullable Path> parts) {
        var kind = frame.get();
        return switch (kind) {
            case 0 -> new Ending.Returned(readPacked(frame, number, parts));
            case 1 -> new Ending.Threw(readPacked(frame, number, parts));
            case 2 ->
                    new Ending.Died(
                            readText(frame),
                            frame.getInt(),
                            readList(frame, () -> readText(frame)));
            case 3 -> new Ending.TimedOut(Duration.ofNanos(frame.getLong()));
            case 4 ->
                    new Ending.Refused(
                            readText(frame),
                            readTruth(frame) ? readPacked(frame, number, parts) : null);
            default -> throw new IllegalArgumentException("an ending of the kind " + kind);
        };
    }

    /// What is large in it travels in parts of its own.
    private static void writePacked(ByteSink sink, Packed packed) {
        sink.write(packed.file() == null ? 0 : 1);
        writeBytes(sink, packed.body());
    }

    private static Packed readPacked(
            ByteBuffer frame, long number, LongFunction<@Nullable Path> parts) {
        var file = readTruth(frame) ? parts.apply(number) : null;
        return new Packed(readBytes(frame), file);
    }

    private static void writeBytes(ByteSink sink, byte[] bytes) {
        sink.writeInt(bytes.length);
        sink.write(bytes);
    }

    private static void writeText(ByteSink sink, String text) {
        writeBytes(sink, text.getBytes(UTF_8));
    }

    private static void writeOptional(ByteSink sink, byte @Nullable [] bytes) {
        sink.write(bytes == null ? 0 : 1);
        if (bytes != null) {
            writeBytes(sink, bytes);
        }
    }

    private static boolean readTruth(ByteBuffer frame) {
        return frame.get() == 1;
    }

    private static byte[] readBytes(ByteBuffer frame) {
        var length = frame.getInt();
        if (length < 0 || length > frame.remaining()) {
            throw new IllegalArgumentException(
                    "%d bytes, where there are %d".formatted(length, frame.remaining()));
        }
        var bytes = new byte[length];
        frame.get(bytes);
        return bytes;
    }

    private static String readText(ByteBuffer frame) {
        return new String(readBytes(frame), UTF_8);
    }

    private static byte @Nullable [] readOptional(ByteBuffer frame) {
        return readTruth(frame) ? readBytes(frame) : null;
    }

    /// Grows as the elements come, so that a number alone takes no memory.
    private static <T> List<T> readList(ByteBuffer frame, Supplier<T> element) {
        var list = new ArrayList<T>();
        for (var left = frame.getInt(); left > 0; left--) {
            list.add(element.get());
        }
        return list;
    }
}
