package dev.muster.parallel.cluster;

import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.wire.Addresses;
import java.io.IOException;
import java.nio.file.Path;

/// A server in a process of its own. Prints where it listens, and runs until it is killed.
final class ServerMain {
    private ServerMain() {}

    /// @param args slots, the folder for code, and what calls find in the variable NODE
    public static void main(String[] args) throws IOException, InterruptedException {
        var options =
                PoolServerOptions.builder()
                        .slots(Integer.parseInt(args[0]))
                        .codeFolder(Path.of(args[1]))
                        .processes(ProcessOptions.builder().environment("NODE", args[2]).build())
                        .hidden()
                        .build();
        try (var server = PoolServer.listen("127.0.0.1:0", options)) {
            System.out.println(Addresses.text(server.address()));
            Thread.currentThread().join();
        }
    }
}
