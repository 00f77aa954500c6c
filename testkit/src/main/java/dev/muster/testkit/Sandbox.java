package dev.muster.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/// A temporary folder and the programs that run in it. Thread-safe.
///
/// Implementation note: a shell process, the guard, waits at the other end of a pipe. When the pipe
/// closes, because the sandbox is closed or because this JVM is gone (a shutdown hook would not run
/// after SIGKILL), it kills what still runs and deletes the folder. Each program leads a session of
/// its own, so that the guard reaches its children through the process group, and so that Ctrl-C in
/// a terminal leaves the order of stopping to us.
final class Sandbox implements AutoCloseable {
    /// A worker whose result store has just been away may try for more than a minute to store what
    /// it has.
    private static final Duration STOP_LIMIT = Duration.ofMinutes(3);

    private static final int LOG_TAIL = 4_000;

    /// Reads `+ pid`, `- pid` and `m path` (a file system to unmount), until the end of the pipe.
    private static final String GUARD =
            """
            trap '' HUP INT TERM
            pids=' '
            mounts=
            while read -r sign pid; do
              case $sign in
                +) pids="$pids$pid " ;;
                -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
                m) mounts="$mounts $pid" ;;
              esac
            done
            for pid in $pids; do kill -9 -"$pid"; done
            for path in $mounts; do umount -l "$path"; done
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              rm -rf "$1" && break
              sleep 0.1 # what was killed may write one last file
            done
            """;

    private final Path folder;
    private final Process guard;
    private final OutputStream guardInput;
    private final Thread hook = new Thread(this::release, "sandbox-cleanup");

    private Sandbox(Path folder, Process guard) {
        this.folder = folder;
        this.guard = guard;
        this.guardInput = guard.getOutputStream();
    }

    /// @param name part of the folder's name
    static Sandbox open(String name) {
        try {
            var folder = Files.createTempDirectory("muster-" + name + "-");
            var guard =
                    new ProcessBuilder("/bin/sh", "-c", GUARD, "guard", folder.toString())
                            .directory(Path.of("/").toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var sandbox = new Sandbox(folder, guard);
            Runtime.getRuntime().addShutdownHook(sandbox.hook);
            return sandbox;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return folder;
    }

    /// A file in the folder.
    Path path(String name) {
        return folder.resolve(name);
    }

    Path write(String name, String content) {
        try {
            return Files.writeString(path(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts a program in the folder; what it prints is appended to `name.log` there.
    ///
    /// @param environment added to this process's own
    Process start(String name, List<String> command, Map<String, String> environment) {
        return start(
                command,
                environment,
                ProcessBuilder.Redirect.appendTo(path(name + ".log").toFile()),
                ProcessBuilder.Redirect.appendTo(path(name + ".log").toFile()));
    }

    /// As above, with the output going elsewhere.
    Process start(
            List<String> command,
            Map<String, String> environment,
            ProcessBuilder.Redirect output,
            ProcessBuilder.Redirect errors) {
        var sessionCommand = new ArrayList<String>();
        sessionCommand.add(Program.at("/usr/bin/setsid", "util-linux"));
        sessionCommand.addAll(command);
        var builder =
                new ProcessBuilder(sessionCommand)
                        .directory(folder.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(output)
                        .redirectError(errors);
        builder.environment().putAll(environment);
        try {
            var process = builder.start();
            tellGuard("+ " + process.pid());
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be started".formatted(command.getFirst()), e);
        }
    }

    /// Waits until the program answers.
    ///
    /// @throws IllegalStateException when it ends instead, or the time is up
    void awaitReady(String name, Process process, Duration limit, BooleanSupplier ready) {
        try {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(limit)
                    .failFast(() -> !process.isAlive())
                    .until(ready::getAsBoolean);
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            var state =
                    process.isAlive()
                            ? "does not answer after " + limit.toSeconds() + " s"
                            : "ended with exit status " + process.exitValue();
            kill(process);
            throw new IllegalStateException(
                    "%s %s; its log:%n%s".formatted(name, state, logTail(name)), e);
        }
    }

    /// Asks the program to end (SIGTERM) and waits until it has.
    void stop(String name, Process process) {
        process.destroy();
        if (!waitFor(process)) {
            kill(process);
            throw new IllegalStateException(
                    "%s did not stop within %d s; its log:%n%s"
                            .formatted(name, STOP_LIMIT.toSeconds(), logTail(name)));
        }
        tellGuard("- " + process.pid());
    }

    /// Ends the program and its children with SIGKILL and waits until they are gone.
    void kill(Process process) {
        var children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        waitFor(process);
        for (var child : children) {
            child.onExit().orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        }
        tellGuard("- " + process.pid());
    }

    /// Sends a signal that a [Process] has no method for.
    void signal(Process process, String signal) {
        try {
            var kill =
                    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
            if (!waitFor(kill) || kill.exitValue() != 0) {
                throw new IllegalStateException(
                        "no signal %s for process %d".formatted(signal, process.pid()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean waitFor(Process process) {
        try {
            return process.waitFor(STOP_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// What the program `name` has printed so far.
    String log(String name) {
        try {
            return Files.readString(path(name + ".log"));
        } catch (IOException e) {
            return "(no log: %s)".formatted(e);
        }
    }

    private String logTail(String name) {
        var text = log(name);
        return text.substring(Math.max(0, text.length() - LOG_TAIL));
    }

    private void tellGuard(String line) {
        synchronized (guardInput) {
            try {
                guardInput.write((line + "\n").getBytes(UTF_8));
                guardInput.flush();
            } catch (IOException e) {
                if (guard.isAlive()) {
                    throw new UncheckedIOException(e);
                }
                // The sandbox has been closed, and the guard has nothing left to watch.
            }
        }
    }

    /// Has the guard unmount what will be mounted there, a path without spaces, before it deletes
    /// the folder.
    void unmountAtEnd(Path path) {
        tellGuard("m " + path);
    }

    /// Lets the guard kill what runs and delete the folder. Twice is harmless.
    private void release() {
        synchronized (guardInput) {
            try {
                guardInput.close();
            } catch (IOException e) {
                // The guard is gone, and with it the pipe.
            }
        }
        waitFor(guard);
    }

    @Override
    public void close() {
        release();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down; the hook has run or finds nothing to do.
        }
    }
}
