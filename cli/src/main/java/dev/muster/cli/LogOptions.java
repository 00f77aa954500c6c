package dev.muster.cli;

import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.child.Output;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/// Where and how a process that runs for long logs.
final class LogOptions {
    private static final Logger LOG = LoggerFactory.getLogger("dev.muster.cli");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(KB|MB|GB)");
    private static final int KEPT_DAYS = 7;

    @Option(
            names = {"-f", "--logfile"},
            paramLabel = "FILE",
            description = "Log to this file; by default to standard error.")
    private @Nullable Path file;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description =
                    "text for people, or json: an object on each line, with the ids of the task. By default text.")
    private LogFormat format = LogFormat.TEXT;

    @Option(
            names = "--log-rotate",
            paramLabel = "daily|SIZE",
            description =
                    "Begin a new file each day; with a size such as 100MB also whenever it is reached. By default never.")
    private @Nullable String rotate;

    @Option(
            names = "--log-keep",
            paramLabel = "DAYS",
            description = "How long old files are kept, with --log-rotate. By default 7 days.")
    private @Nullable Integer keep;

    /// Logs so from now on, in the whole JVM.
    ///
    /// @param defaultFile used if no other is named; null for none
    void use(LogLevel level, @Nullable Path defaultFile) {
        if (file == null) {
            file = defaultFile;
        }
        var rotation = rotation();
        if (file != null) {
            LogConfigurator.use(new LogFile(file, rotation), format);
        } else if (rotate != null || keep != null) {
            throw CommandException.wrongUse("--log-rotate and --log-keep need a --logfile");
        } else if (format != LogFormat.TEXT) {
            LogConfigurator.use(format);
        }
        LogConfigurator.use(level);
    }

    private LogFile.Rotation rotation() {
        var days = keep == null ? KEPT_DAYS : keep;
        if (days < 1) {
            throw CommandException.wrongUse(
                    "--log-keep is a number of days from 1 on, was " + days);
        }
        if (rotate == null) {
            return LogFile.Rotation.NEVER;
        }
        if (rotate.equalsIgnoreCase("daily")) {
            return new LogFile.Rotation.Daily(Optional.empty(), days);
        }
        var size = SIZE.matcher(rotate.toUpperCase(Locale.ROOT));
        if (!size.matches() || Long.parseLong(size.group(1)) == 0) {
            throw CommandException.wrongUse(
                    "--log-rotate is 'daily', or a size such as 500KB, 100MB or 2GB, not '%s'"
                            .formatted(rotate));
        }
        var unit =
                switch (size.group(2)) {
                    case "KB" -> 1L << 10;
                    case "MB" -> 1L << 20;
                    default -> 1L << 30;
                };
        return new LogFile.Rotation.Daily(Optional.of(Long.parseLong(size.group(1)) * unit), days);
    }

    /// Prints what a process says of itself when it starts; where programs read the log, it is a
    /// part of that.
    void introduce(String text, PrintWriter terminal) {
        if (file != null || format == LogFormat.TEXT) {
            terminal.print(text);
            terminal.flush();
        } else {
            LOG.info("{}", text.strip());
        }
    }

    /// Says something about the process itself: where its log is, or on the terminal.
    Consumer<String> notices(PrintWriter terminal) {
        return file == null && format == LogFormat.TEXT ? terminal::println : LOG::warn;
    }

    /// How child processes are to log.
    ProcessOptions.Builder children(LogLevel level) {
        return ProcessOptions.builder()
                .jvmOptions(LogConfigurator.childOptions(level, format))
                .output(
                        file == null && format == LogFormat.TEXT
                                ? Output.NAMED
                                : new ChildLog(format));
    }
}
