package dev.muster.parallel.shared;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.parallel.shared.FrameReader.MalformedException;
import dev.muster.parallel.shared.Resource.Caller;
import dev.muster.parallel.shared.Resource.WouldWait;
import dev.muster.parallel.shared.Status.RefusedException;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.Link;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// What clients ask of a manager.
class SharedFuzzTest {
    /// Of an object in the manager.
    public interface Adder {
        List<Integer> add(int one, List<Integer> others);
    }

    private static byte[] asked(Kind kind, Verb verb, Consumer<ByteSink> arguments) {
        var sink = new ByteSink(64);
        Frames.writeOneOf(sink, kind);
        sink.writeInt(2);
        Frames.writeText(sink, kind == Kind.OBJECT ? "adder" : "name");
        Frames.writeText(sink, kind == Kind.OBJECT ? Adder.class.getName() : "java.lang.String");
        Frames.writeOneOf(sink, verb);
        arguments.accept(sink);
        return sink.toByteArray();
    }

    private static byte[][] seeds() throws IOException {
        var values = new Values(Adder.class.getClassLoader(), TypeFilter.DATA, null);
        var arguments = values.packAll(1, new ArrayList<>(List.of(2))).body();
        var value = values.pack("value").body();
        var seeds =
                List.of(
                        asked(
                                Kind.QUEUE,
                                Verb.PUT,
                                sink -> {
                                    sink.writeLong(1);
                                    Frames.writeBytes(sink, value);
                                }),
                        asked(Kind.QUEUE, Verb.TAKE, sink -> sink.writeLong(0)),
                        asked(Kind.QUEUE, Verb.JOIN, sink -> sink.writeLong(0)),
                        asked(
                                Kind.MAP,
                                Verb.PUT,
                                sink -> {
                                    Frames.writeBytes(sink, value);
                                    Frames.writeBytes(sink, value);
                                }),
                        asked(Kind.MAP, Verb.GET, sink -> Frames.writeBytes(sink, value)),
                        asked(Kind.LIST, Verb.ADD, sink -> Frames.writeBytes(sink, value)),
                        asked(Kind.LIST, Verb.CONTENT, _ -> {}),
                        asked(Kind.COUNTER, Verb.ADD, sink -> sink.writeLong(3)),
                        asked(Kind.LOCK, Verb.ACQUIRE, sink -> sink.writeLong(0)),
                        asked(
                                Kind.SEMAPHORE,
                                Verb.ACQUIRE,
                                sink -> {
                                    sink.writeLong(0);
                                    sink.writeInt(1);
                                }),
                        asked(Kind.EVENT, Verb.SET, _ -> {}),
                        asked(
                                Kind.OBJECT,
                                Verb.CALL,
                                sink -> {
                                    Frames.writeText(sink, "add(int,java.util.List)");
                                    Frames.writeBytes(sink, arguments);
                                }));
        return seeds.toArray(byte[][]::new);
    }

    @FuzzTest
    void callsOfTheManager() throws IOException {
        try (var manager = SharedManager.listen("127.0.0.1:0");
                var link =
                        Link.connect(
                                dev.muster.parallel.wire.Addresses.parse(manager.address()),
                                SharedManager.PROTOCOL,
                                LinkOptions.DEFAULT)) {
            Executor never = _ -> {};
            var caller = new Caller(new Session(link, new Registry(), never), 1, 2, false);
            Fuzzer.of("calls of managers")
                    .seeds(seeds())
                    .refusing(MalformedException.class)
                    .refusing(RefusedException.class)
                    .refusing(WouldWait.class)
                    .run(input -> perform(input, caller));
        }
    }

    private static void perform(byte[] input, Caller caller) throws InterruptedException {
        var registry = new Registry();
        Adder adder =
                (one, others) -> {
                    var all = new ArrayList<>(others);
                    all.add(one);
                    return all;
                };
        registry.register(
                "adder", Adder.class, new ObjectResource(Adder.class, adder, TypeFilter.DATA));
        var frame = new FrameReader(input);
        var kind = frame.readOneOf(Kind.values());
        var size = frame.readInt();
        var entry =
                registry.open(
                        kind, frame.readText(), frame.readText(), kind == Kind.OBJECT ? 0 : size);
        var verb = frame.readOneOf(Verb.values());
        entry.resource().perform(verb, frame, caller, new ByteSink(64));
    }
}
