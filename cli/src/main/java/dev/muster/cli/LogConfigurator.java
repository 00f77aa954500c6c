package dev.muster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.LoggerFactory;

/// Logs to standard error, until another place is named. Written in code because reading an XML
/// file at each start takes longer than most verbs.
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /// What these log at the level INFO is of use only to those who look for a fault.
    private static final List<String> LIBRARIES =
            List.of("redis.clients", "com.rabbitmq", "org.postgresql", "org.sqlite");

    /// The level at which a process begins, and the format.
    private static final String LEVEL = "dev.muster.cli.loglevel";

    private static final String FORMAT = "dev.muster.cli.logformat";
    private static final String APPENDER = "muster";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var format = LogFormat.valueOf(System.getProperty(FORMAT, LogFormat.TEXT.name()));
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console(context, format));
        setLevel(context, LogLevel.valueOf(System.getProperty(LEVEL, LogLevel.WARNING.name())));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Changes what is logged from now on, in the whole JVM.
    static void use(LogLevel level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            setLevel(context, level);
        }
    }

    /// Logs nothing from now on: where a screen is drawn, lines would spoil it.
    static void silence() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            setLevel(context, Level.OFF, Level.OFF);
        }
    }

    /// Changes how it is logged to standard error from now on, in the whole JVM.
    static void use(LogFormat format) {
        var context = context();
        replace(context, console(context, format));
    }

    /// Logs to a file from now on, in the whole JVM.
    static void use(LogFile file, LogFormat format) {
        var context = context();
        var appender = file.appender(context);
        replace(context, started(appender, context, format));
    }

    /// @throws CommandException when it is configured in a way that is not ours to change
    private static LoggerContext context() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && root(context).getAppender(APPENDER) != null) {
            return context;
        }
        throw CommandException.wrongUse(
                "where and how to log is said by a configuration of your own; so say it there, without --logfile and --log-format");
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(Logger.ROOT_LOGGER_NAME);
    }

    private static void replace(LoggerContext context, Appender<ILoggingEvent> appender) {
        var root = root(context);
        root.detachAppender(APPENDER);
        root.addAppender(appender);
    }

    private static Appender<ILoggingEvent> console(LoggerContext context, LogFormat format) {
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setTarget("System.err");
        return started(appender, context, format);
    }

    static Appender<ILoggingEvent> started(
            OutputStreamAppender<ILoggingEvent> appender, LoggerContext context, LogFormat format) {
        var layout = format.layout();
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        appender.setName(APPENDER);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    /// What a child process is started with to log at this level, in this format, to its standard
    /// error.
    static String[] childOptions(LogLevel level, LogFormat format) {
        return new String[] {
            "-D%s=%s".formatted(LEVEL, level.name()), "-D%s=%s".formatted(FORMAT, format.name())
        };
    }

    private static void setLevel(LoggerContext context, LogLevel level) {
        setLevel(context, level.level(), level == LogLevel.INFO ? Level.WARN : level.level());
    }

    private static void setLevel(LoggerContext context, Level level, Level ofLibraries) {
        root(context).setLevel(level);
        for (var library : LIBRARIES) {
            context.getLogger(library).setLevel(ofLibraries);
        }
    }
}
