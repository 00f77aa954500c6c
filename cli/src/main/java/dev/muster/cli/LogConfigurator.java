package dev.muster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.LoggerFactory;

/// Logs to standard error. Written in code because reading an XML file at each start takes longer
/// than most verbs.
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /// What these log at the level INFO is of use only to those who look for a fault.
    private static final List<String> LIBRARIES =
            List.of("redis.clients", "com.rabbitmq", "org.postgresql", "org.sqlite");

    /// The level at which a process begins.
    private static final String LEVEL = "dev.muster.cli.loglevel";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var layout = new LogLayout();
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        setLevel(context, LogLevel.valueOf(System.getProperty(LEVEL, LogLevel.WARNING.name())));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Changes what is logged from now on, in the whole JVM.
    static void use(LogLevel level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            setLevel(context, level);
        }
    }

    /// What a child process is started with to log at this level.
    static String levelOption(LogLevel level) {
        return "-D%s=%s".formatted(LEVEL, level.name());
    }

    private static void setLevel(LoggerContext context, LogLevel level) {
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level.level());
        for (var library : LIBRARIES) {
            context.getLogger(library)
                    .setLevel(level == LogLevel.INFO ? Level.WARN : level.level());
        }
    }
}
