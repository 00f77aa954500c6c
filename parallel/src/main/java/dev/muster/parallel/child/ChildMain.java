package dev.muster.parallel.child;

import dev.muster.parallel.wire.Packed;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// The program of a child JVM. Its main thread runs one call after the other; another reads what
/// the parent says, and ends the process at once when the parent is gone.
public final class ChildMain {
    private final SocketChannel channel;
    private final Order.Setup setup;
    private final ReportWriter reports;
    private final Journal journal;
    private final Values values;
    private final ClassLoader loader;

    /// Calls that have not begun, and at the end the order to stop.
    private final LinkedBlockingDeque<Order> orders = new LinkedBlockingDeque<>();

    private final Map<String, BlockingQueue<Optional<byte[]>>> wantedClasses =
            new ConcurrentHashMap<>();

    /// Code by its id, as it was sent.
    private final Map<Long, byte[]> defined = new ConcurrentHashMap<>();

    /// Code by its id, made when it is first called.
    private final Map<Long, RemoteFunction> functions = new HashMap<>();

    private volatile boolean closing;

    private ChildMain(SocketChannel channel, Order.Setup setup) throws IOException {
        this.channel = channel;
        this.setup = setup;
        this.journal = Journal.open(setup.journal());
        this.reports = new ReportWriter(channel, journal);
        this.loader = new FetchingLoader(ClassLoader.getSystemClassLoader(), this::fetch);
        this.values = new Values(loader, new TypeFilter(setup.patterns()), setup.folder());
    }

    /// @param args where the parent listens; nothing for [Practice]
    public static void main(String[] args) throws IOException {
        Interrupts.ignore();
        serve(args.length == 0 ? Practice.start() : Path.of(args[0]));
    }

    private static void serve(Path socket) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        var frames = new Frames.Reader(channel);
        var first = Objects.requireNonNull(frames.next(), "the parent has nothing to say");
        new ChildMain(channel, (Order.Setup) Order.read(first)).work(frames);
    }

    private void work(Frames.Reader frames) {
        Thread.ofPlatform().daemon().name("muster-orders").start(() -> listen(frames));
        var main = Thread.currentThread();
        main.setContextClassLoader(loader);
        if (!initialize()) {
            System.exit(1);
        }
        reports.send(new Report.Ready());
        for (var count = 1; next() instanceof Order.Call call; count++) {
            var report = run(call);
            // An interrupt that a call has left behind is not for the next one.
            Thread.interrupted();
            if (count == setup.maxTasks() || isTooLarge()) {
                reports.ended(report, true);
                leave();
            }
            reports.ended(report, orders.isEmpty());
        }
        leave();
    }

    /// The connection ends first, so that the parent need not wait for what the program does at its
    /// end.
    private void leave() {
        closing = true;
        reports.finish();
        try {
            channel.close();
        } catch (IOException _) {
            // The parent is gone as well.
        }
        System.exit(0);
    }

    private Order next() {
        while (true) {
            try {
                return orders.take();
            } catch (InterruptedException _) {
                // Meant for a call that is over.
            }
        }
    }

    private boolean initialize() {
        var code = setup.initializer();
        if (code == null) {
            return true;
        }
        try {
            function(code).apply(new Object[0]);
            return true;
        } catch (Throwable e) {
            reports.send(new Report.NotReady(values.packThrown(e)));
            return false;
        }
    }

    private Report run(Order.Call call) {
        journal.start(call.number());
        if (call.announced()) {
            reports.send(new Report.Started(call.number()));
        }
        var begin = System.nanoTime();
        Packed outcome;
        try {
            var function = call.codeId() == 0 ? function(call.code()) : known(call.codeId());
            var value = function.apply(values.unpackAll(call.arguments()));
            outcome = values.pack(value);
        } catch (Throwable e) {
            return new Report.Threw(call.number(), System.nanoTime() - begin, values.packThrown(e));
        }
        return new Report.Returned(call.number(), System.nanoTime() - begin, outcome);
    }

    private RemoteFunction known(long id) throws IOException, ClassNotFoundException {
        var function = functions.get(id);
        if (function == null) {
            function = function(Objects.requireNonNull(defined.get(id)));
            functions.put(id, function);
        }
        return function;
    }

    private RemoteFunction function(byte[] code) throws IOException, ClassNotFoundException {
        return (RemoteFunction) Objects.requireNonNull(values.unpack(Packed.of(code)));
    }

    private boolean isTooLarge() {
        return setup.maxMemory() > 0 && ResidentMemory.bytes() > setup.maxMemory();
    }

    private void listen(Frames.Reader frames) {
        try {
            for (var frame = frames.next(); frame != null; frame = frames.next()) {
                obey(Order.read(frame));
            }
        } catch (IOException _) {
            // As good as the end.
        }
        if (!closing) {
            Runtime.getRuntime().halt(1); // nobody is left to work for
        }
    }

    private void obey(Order order) {
        switch (order) {
            case Order.Call _, Order.Stop _ -> orders.add(order);
            case Order.Define(var id, var code) -> defined.put(id, code);
            case Order.TakeBack(var number) when number == Order.HALF -> giveHalfBack();
            case Order.TakeBack(var number) -> giveBack(number);
            case Order.ClassIs(var resource, var bytes) -> {
                var waiting = wantedClasses.get(resource);
                if (waiting != null) {
                    waiting.add(Optional.ofNullable(bytes));
                }
            }
            case Order.Setup _ -> throw new IllegalStateException("set up twice");
        }
    }

    /// A call that has begun is kept. What waits behind it is given back then, as the parent may be
    /// about to end this process.
    private void giveBack(long number) {
        var numbers = new ArrayList<Long>();
        var isWaiting = orders.removeIf(order -> isCall(order, number));
        if (isWaiting) {
            numbers.add(number);
        } else {
            for (var order : orders) {
                if (order instanceof Order.Call call && orders.remove(order)) {
                    numbers.add(call.number());
                }
            }
        }
        if (!numbers.isEmpty()) {
            reports.sendSoon(new Report.GivenBack(numbers));
        }
        if (!isWaiting) {
            reports.sendSoon(new Report.Kept(number));
        }
    }

    private static boolean isCall(Order order, long number) {
        return order instanceof Order.Call call && call.number() == number;
    }

    private void giveHalfBack() {
        var numbers = new ArrayList<Long>();
        for (var left = (orders.size() + 1) / 2; left > 0; left--) {
            var last = orders.pollLast();
            if (last instanceof Order.Call call) {
                numbers.addFirst(call.number());
            } else if (last != null) {
                orders.addLast(last);
                break;
            }
        }
        reports.sendSoon(new Report.GivenBack(numbers));
    }

    /// Asks the parent for a class or another resource; null when it has none.
    private byte @Nullable [] fetch(String resource) {
        var answer = new LinkedBlockingQueue<Optional<byte[]>>();
        var waiting = wantedClasses.putIfAbsent(resource, answer);
        if (waiting == null) {
            waiting = answer;
            reports.send(new Report.ClassWanted(resource));
        }
        var interrupted = false;
        try {
            while (true) {
                try {
                    var bytes = waiting.take();
                    waiting.add(bytes); // for others that wait for the same
                    wantedClasses.remove(resource, waiting);
                    return bytes.orElse(null);
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
