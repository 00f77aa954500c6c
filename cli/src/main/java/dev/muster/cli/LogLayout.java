package dev.muster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/// Log lines as Celery's workers write them, in local time: `[2026-11-21 03:14:15,926: INFO/task-1]
/// Task currency.rate[…] received`. What a task logs itself has its name and id in front:
/// `currency.rate[…]: no rate today`.
final class LogLayout extends LineLayout {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS").withZone(ZoneId.systemDefault());

    /// What these say about a task names it already.
    private static final String OWN = "dev.muster.queue.";

    @Override
    String lines(ILoggingEvent event) {
        var line =
                "[%s: %s/%s] %s%s%n"
                        .formatted(
                                TIME.format(Instant.ofEpochMilli(event.getTimeStamp())),
                                name(event.getLevel()),
                                event.getThreadName(),
                                task(event),
                                event.getFormattedMessage());
        var thrown = event.getThrowableProxy();
        return thrown == null ? line : line + ThrowableProxyUtil.asString(thrown);
    }

    /// The name of a level in Celery's words.
    static String name(Level level) {
        return level == Level.WARN ? "WARNING" : level.toString();
    }

    /// Which task has logged it, if one has.
    private static String task(ILoggingEvent event) {
        var id = event.getMDCPropertyMap().get("task_id");
        return id == null || event.getLoggerName().startsWith(OWN)
                ? ""
                : "%s[%s]: ".formatted(event.getMDCPropertyMap().get("task_name"), id);
    }
}
