package dev.muster.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.rolling.TimeBasedRollingPolicy;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusListener;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A file to log to, and when another is begun.
record LogFile(Path path, Rotation rotation) {
    /// When another file is begun.
    sealed interface Rotation {
        Rotation NEVER = new Never();

        /// The file grows for ever, or is looked after by somebody else.
        record Never() implements Rotation {}

        /// Each day, and whenever it has this size.
        ///
        /// @param size in bytes
        /// @param days how many days old files are kept
        record Daily(Optional<Long> size, int days) implements Rotation {}
    }

    /// What goes wrong later, such as a full disk, is told on standard error.
    ///
    /// @throws CommandException when it cannot be written
    FileAppender<ILoggingEvent> appender(LoggerContext context) {
        checkWritable();
        // Not whatever standard error is then: a detached process lets it lead into this log.
        var err = System.err;
        context.getStatusManager().add((StatusListener) status -> tell(status, err));
        return switch (rotation) {
            case Rotation.Never _ -> {
                var appender = new FileAppender<ILoggingEvent>();
                appender.setContext(context);
                appender.setFile(path.toString());
                yield appender;
            }
            case Rotation.Daily daily -> rolling(daily, context);
        };
    }

    private void tell(Status status, PrintStream err) {
        if (status.getLevel() >= Status.WARN) {
            var cause = status.getThrowable();
            err.printf(
                    "muster: log: %s%s%n",
                    status.getMessage(), cause == null ? "" : ": " + cause.getMessage());
        }
    }

    /// Logback would only say so, and log nothing.
    private void checkWritable() {
        try {
            var folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw CommandException.failed("%s cannot be written: %s".formatted(path, e), e);
        }
    }

    private FileAppender<ILoggingEvent> rolling(Rotation.Daily daily, LoggerContext context) {
        var appender = new RollingFileAppender<ILoggingEvent>();
        TimeBasedRollingPolicy<ILoggingEvent> policy;
        if (daily.size().isPresent()) {
            var both = new SizeAndTimeBasedRollingPolicy<ILoggingEvent>();
            both.setMaxFileSize(new FileSize(daily.size().get()));
            both.setFileNamePattern(path + ".%d{yyyy-MM-dd}.%i");
            policy = both;
        } else {
            policy = new TimeBasedRollingPolicy<>();
            policy.setFileNamePattern(path + ".%d{yyyy-MM-dd}");
        }
        policy.setContext(context);
        policy.setMaxHistory(daily.days());
        policy.setParent(appender);
        appender.setContext(context);
        appender.setFile(path.toString());
        policy.start();
        appender.setRollingPolicy(policy);
        return appender;
    }
}
