package dev.muster.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Layout;

/// How log lines look.
enum LogFormat {
    /// For people, as Celery's.
    TEXT,
    /// For programs: one object a line.
    JSON;

    Layout<ILoggingEvent> layout() {
        return switch (this) {
            case TEXT -> new LogLayout();
            case JSON -> new JsonLayout();
        };
    }
}
