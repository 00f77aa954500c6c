package dev.muster.cli;

import ch.qos.logback.classic.Level;

/// How much is logged, in Celery's words.
enum LogLevel {
    DEBUG,
    INFO,
    WARNING,
    ERROR;

    Level level() {
        return switch (this) {
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
        };
    }
}
