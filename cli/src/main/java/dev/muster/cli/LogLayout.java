package dev.muster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/// Log lines as Celery's workers write them, in local time: `[2026-11-21 03:14:15,926: INFO/task-1]
/// Task currency.rate[…] received`.
final class LogLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS").withZone(ZoneId.systemDefault());

    @Override
    public String doLayout(ILoggingEvent event) {
        var level = event.getLevel() == Level.WARN ? "WARNING" : event.getLevel().toString();
        var line =
                "[%s: %s/%s] %s%n"
                        .formatted(
                                TIME.format(Instant.ofEpochMilli(event.getTimeStamp())),
                                level,
                                event.getThreadName(),
                                event.getFormattedMessage());
        var thrown = event.getThrowableProxy();
        return thrown == null ? line : line + ThrowableProxyUtil.asString(thrown);
    }
}
