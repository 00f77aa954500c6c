package dev.muster.cli;

import dev.muster.parallel.shared.ManagerException;
import dev.muster.parallel.shared.SharedManager;
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
        name = "manager",
        mixinStandardHelpOptions = true,
        description = {
            "Owns queues, maps, lists, counters, locks, semaphores, barriers and events that programs share, and serves them until it is stopped with Ctrl-C. All is in memory.",
            "",
            "Programs reach it with SharedClient.connect(\"HOST:PORT\", key). It needs none of their classes."
        },
        footer = {
            "",
            "Examples:",
            "  muster manager --listen 127.0.0.1:7000",
            "  (umask 077; openssl rand -hex 32 > muster.key)",
            "  muster manager --listen 0.0.0.0:7000 --key-file muster.key"
        })
final class ManagerCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            description =
                    "The address: 127.0.0.1 for programs of this machine, 0.0.0.0 for all; port 0 for any that is free.")
    private String address = "";

    @Mixin private KeyOptions key = new KeyOptions();

    @Override
    public Integer call() throws InterruptedException {
        var stopped = new CountDownLatch(1);
        Signals.handle("INT", stopped::countDown);
        Signals.handle("TERM", stopped::countDown);
        try (var manager = SharedManager.listen(address, key.link())) {
            var out = Objects.requireNonNull(spec, "spec").commandLine().getOut();
            out.println("manager: listening at " + manager.address());
            stopped.await();
        } catch (ManagerException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()));
        }
        return 0;
    }
}
