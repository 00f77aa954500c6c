package dev.muster.parallel.child;

import dev.muster.parallel.base.PrivateFolder;
import dev.muster.parallel.wire.ByteSink;
import dev.muster.parallel.wire.RemoteFunction;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A parent inside of a child, with a few calls for it, so that the JVM can note in an [AotCache]
/// what a child loads.
final class Practice {
    private Practice() {}

    /// @return where it listens
    static Path start() throws IOException {
        var folder = PrivateFolder.open().path();
        var socket = folder.resolve("practice.socket");
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("practice").start(() -> lead(server, folder));
        return socket;
    }

    private static void lead(ServerSocketChannel server, Path folder) {
        var values = new Values(Practice.class.getClassLoader(), TypeFilter.PROGRAM, folder);
        RemoteFunction function = arguments -> List.of(arguments.length, "done");
        try (var channel = server.accept()) {
            var sink = new ByteSink(1024);
            new Order.Setup(folder, folder.resolve("journal"), 0, 0, List.of("**"), null)
                    .write(sink);
            new Order.Define(1, values.pack(function).body()).write(sink);
            for (var number = 1; number < 20; number++) {
                var arguments = values.packAll(number, "text", Map.of("key", List.of(1.5)));
                new Order.Call(number, false, 1, new byte[0], arguments).write(sink);
            }
            new Order.Stop().write(sink);
            channel.write(ByteBuffer.wrap(sink.array(), 0, sink.size()));
            var reports = new Frames.Reader(channel);
            for (var frame = reports.next(); frame != null; frame = reports.next()) {
                Report.read(frame);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
