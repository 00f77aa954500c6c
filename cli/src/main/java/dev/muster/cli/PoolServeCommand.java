package dev.muster.cli;

import dev.muster.parallel.cluster.Discovery;
import dev.muster.parallel.cluster.PoolServer;
import dev.muster.parallel.cluster.PoolServerOptions;
import dev.muster.parallel.wire.Addresses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Runs calls of programs that reach this machine, in child processes, until it is stopped with Ctrl-C. It needs none of their classes: they bring them.",
            "",
            "Who knows the key may run any code here. Without a key, only programs of this machine can."
        },
        footer = {
            "",
            "Examples:",
            "  muster pool serve --slots 2",
            "  (umask 077; openssl rand -hex 32 > muster.key)",
            "  muster pool serve --listen 0.0.0.0:7474 --key-file muster.key"
        })
final class PoolServeCommand implements Callable<Integer> {
    private static final int MEGABYTE = 1 << 20;
    private static final int MAX_MEGABYTES = Integer.MAX_VALUE / MEGABYTE;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "The address: 127.0.0.1 for programs of this machine, 0.0.0.0 for all; port 0 for any that is free. By default 127.0.0.1:7474.")
    private String address = "127.0.0.1:" + Discovery.PORT;

    @Mixin private KeyOptions key = new KeyOptions();

    @Option(
            names = "--slots",
            paramLabel = "N",
            description =
                    "How many calls run at once, for all programs together. By default the number of processors.")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--discovery-port",
            paramLabel = "PORT",
            description = "The UDP port on which programs ask for servers. By default 7474.")
    private int discoveryPort = Discovery.PORT;

    @Option(names = "--hidden", description = "Do not answer programs that ask for servers.")
    private boolean hidden;

    @Option(
            names = "--code-folder",
            paramLabel = "FOLDER",
            description =
                    "Where the class paths of programs are kept. By default muster/code among your caches.")
    private @Nullable Path codeFolder;

    @Option(
            names = "--frame-limit",
            paramLabel = "MB",
            description =
                    "The longest call or result, besides large arrays and buffers, which have no limit. By default 64.")
    private int frameLimit = 64;

    @Override
    public Integer call() throws InterruptedException {
        LogConfigurator.use(LogLevel.INFO);
        var options = options();
        var stopped = new CountDownLatch(1);
        Signals.handle("INT", stopped::countDown);
        Signals.handle("TERM", stopped::countDown);
        try (var server = PoolServer.listen(address, options)) {
            Objects.requireNonNull(spec, "spec")
                    .commandLine()
                    .getOut()
                    .printf(
                            "pool server: listening at %s with %d slots%n",
                            Addresses.text(server.address()), server.slots());
            stopped.await();
        } catch (IOException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()));
        }
        return 0;
    }

    private PoolServerOptions options() {
        if (slots < 1) {
            throw CommandException.wrongUse("--slots is a number from 1 on, was " + slots);
        }
        if (frameLimit < 1 || frameLimit > MAX_MEGABYTES) {
            throw CommandException.wrongUse(
                    "--frame-limit is a number from 1 to %d, was %d"
                            .formatted(MAX_MEGABYTES, frameLimit));
        }
        var builder =
                PoolServerOptions.builder()
                        .link(key.link().withFrameLimit(frameLimit * MEGABYTE))
                        .slots(slots)
                        .discoveryPort(discoveryPort);
        if (hidden) {
            builder.hidden();
        }
        if (codeFolder != null) {
            builder.codeFolder(codeFolder);
        }
        return builder.build();
    }
}
