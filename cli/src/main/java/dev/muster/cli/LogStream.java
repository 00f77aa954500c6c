package dev.muster.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/// Takes what a process without a terminal prints, line by line, to its log.
final class LogStream extends OutputStream {
    /// What is longer comes in pieces.
    private static final int LIMIT = 8_192;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Consumer<String> log;

    private LogStream(Consumer<String> log) {
        this.log = log;
    }

    /// Replaces the standard streams of this JVM.
    static void redirect() {
        System.setOut(printer(LoggerFactory.getLogger("stdout")::info));
        System.setErr(printer(LoggerFactory.getLogger("stderr")::warn));
    }

    private static PrintStream printer(Consumer<String> log) {
        return new PrintStream(new LogStream(log), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(int octet) {
        if (octet == '\n') {
            log();
        } else {
            line.write(octet);
            if (line.size() >= LIMIT) {
                log();
            }
        }
    }

    private void log() {
        var text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        log.accept(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }
}
