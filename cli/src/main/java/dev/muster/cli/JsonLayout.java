package dev.muster.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.util.LinkedHashMap;

/// Log lines for programs that gather them: a JSON object on each. What is in the MDC, such as the
/// id of the task, comes behind the fields that every line has.
final class JsonLayout extends LineLayout {
    /// How each line begins.
    static final String START = "{\"timestamp\": ";

    @Override
    String lines(ILoggingEvent event) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        fields.put("level", LogLayout.name(event.getLevel()));
        fields.put("logger", event.getLoggerName());
        fields.put("thread", event.getThreadName());
        fields.put("pid", ProcessHandle.current().pid());
        fields.put("message", event.getFormattedMessage());
        event.getMDCPropertyMap().forEach(fields::putIfAbsent);
        var thrown = event.getThrowableProxy();
        if (thrown != null) {
            fields.put("exception", ThrowableProxyUtil.asString(thrown));
        }
        return Printer.text(fields) + "\n";
    }
}
