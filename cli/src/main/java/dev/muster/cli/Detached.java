package dev.muster.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// The same command once more, in a process without a terminal that outlives this one.
///
/// A JVM cannot fork, so it is started anew, in a session of its own. What it prints is passed on
/// until it says that it is ready; from then on all of it goes to its log.
final class Detached {
    private static final String PROPERTY = "dev.muster.cli.detached";

    /// What the process prints on a line of its own when it is ready.
    private static final String READY = "\u0006";

    private static final int PATIENCE_SECONDS = 30;

    private final CommandSpec verb;
    private final @Nullable Path folder;
    private final @Nullable String umask;

    Detached(CommandSpec verb, @Nullable Path folder, @Nullable String umask) {
        this.verb = verb;
        this.folder = folder;
        this.umask = umask;
    }

    /// Whether this process is one.
    static boolean isDetached() {
        return Boolean.getBoolean(PROPERTY);
    }

    static void ready(PrintWriter out) {
        out.println(READY);
        out.flush();
    }

    /// Returns when it is ready, or has failed, or is taking long.
    ///
    /// @return the exit status
    int start() throws InterruptedException {
        var process = launch();
        var line = verb.commandLine();
        var ready = new CompletableFuture<Boolean>();
        var errors = relay(process.errorReader(StandardCharsets.UTF_8), line.getErr(), ready);
        var output = relay(process.inputReader(StandardCharsets.UTF_8), line.getOut(), ready);
        var _ =
                CompletableFuture.allOf(process.onExit(), errors, output)
                        .whenComplete((_, _) -> ready.complete(false));
        try {
            if (!ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                line.getErr().printf("muster: the %s has not started%n", verb.name());
                return Math.max(1, process.waitFor());
            }
            line.getOut()
                    .printf(
                            "The %s runs in the background as process %d.%n",
                            verb.name(), process.pid());
        } catch (TimeoutException e) {
            line.getErr()
                    .printf(
                            "muster: the %s runs in the background as process %d, but is not ready after %d s; its log may say why%n",
                            verb.name(), process.pid(), PATIENCE_SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is never completed with a failure", e);
        }
        return 0;
    }

    private Process launch() {
        var builder = new ProcessBuilder(command());
        builder.redirectInput(new File("/dev/null"));
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw CommandException.failed(
                    "no process can be started in the background: " + e.getMessage(), e);
        }
    }

    private List<String> command() {
        var command = new ArrayList<String>();
        if (umask != null) {
            if (!umask.matches("[0-7]{1,4}")) {
                throw CommandException.wrongUse(
                        "--umask is an octal number such as 027, not '%s'".formatted(umask));
            }
            command.addAll(List.of("sh", "-c", "umask \"$0\" && exec \"$@\"", umask));
        }
        // Neither the end of the terminal nor its Ctrl-C is meant for it.
        command.add(Files.isExecutable(Path.of("/usr/bin/setsid")) ? "/usr/bin/setsid" : "nohup");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-D" + PROPERTY + "=true");
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path"))));
        command.add(Main.class.getName());
        command.addAll(verb.root().commandLine().getParseResult().originalArgs());
        return command;
    }

    /// It may have another working folder.
    private static String absolute(String classPath) {
        return String.join(
                File.pathSeparator,
                List.of(classPath.split(File.pathSeparator, -1)).stream()
                        .filter(entry -> !entry.isEmpty())
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
    }

    private static CompletableFuture<Void> relay(
            BufferedReader from, PrintWriter to, CompletableFuture<Boolean> ready) {
        return CompletableFuture.runAsync(
                () ->
                        from.lines()
                                .takeWhile(line -> !line.equals(READY) || !ready.complete(true))
                                .forEach(to::println),
                task -> Thread.ofPlatform().daemon().name("relay").start(task));
    }
}
