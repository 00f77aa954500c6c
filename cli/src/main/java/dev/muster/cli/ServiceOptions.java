package dev.muster.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// How a process lives that runs for long: in the foreground or not, and its files.
final class ServiceOptions {
    @Mixin private LogOptions log = new LogOptions();

    @Option(
            names = "--pidfile",
            paramLabel = "FILE",
            description =
                    "A file for the number of the process. It does not start when the process in that file runs.")
    private @Nullable Path pidFile;

    @Option(
            names = {"-D", "--detach"},
            description =
                    "Go on in the background; returns when it is ready. Its files are then worker.pid and worker.log, or"
                            + " beat.pid and beat.log, if no others are named.")
    private boolean detach;

    @Option(
            names = "--workdir",
            paramLabel = "FOLDER",
            description = "The working folder in the background. By default this one.")
    private @Nullable Path folder;

    @Option(
            names = "--umask",
            paramLabel = "MASK",
            description =
                    "Which rights nobody has to the files that it makes in the background, such as 027.")
    private @Nullable String umask;

    LogOptions log() {
        return log;
    }

    /// Starts the same command in the background, if that is asked for.
    ///
    /// @return its exit status; empty when this process is to do the work itself
    OptionalInt detach(CommandSpec verb) throws InterruptedException {
        if (Detached.isDetached()) {
            return OptionalInt.empty();
        }
        if (!detach) {
            if (folder != null || umask != null) {
                throw CommandException.wrongUse(
                        "--workdir and --umask go with --detach; without it, use cd and umask before");
            }
            return OptionalInt.empty();
        }
        return OptionalInt.of(new Detached(verb, folder, umask).start());
    }

    /// Logs as it is asked for from now on.
    void useLog(CommandSpec verb, LogLevel level) {
        log.use(level, Detached.isDetached() ? Path.of(verb.name() + ".log") : null);
        if (Detached.isDetached()) {
            LogStream.redirect();
        }
    }

    /// @throws CommandException when the process in the file runs
    PidFile writePid(CommandSpec verb) {
        return PidFile.write(
                pidFile == null && Detached.isDetached() ? Path.of(verb.name() + ".pid") : pidFile);
    }

    /// Tells whoever has started it that it is ready.
    static void ready(PrintWriter out) {
        if (Detached.isDetached()) {
            Detached.ready(out);
        }
    }
}
