package dev.muster.cli;

import dev.muster.queue.Signature;
import dev.muster.queue.spi.Setting;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a call goes, when it runs, and how it is written.
final class SendOptions {
    @Option(
            names = {"-q", "--queue"},
            paramLabel = "QUEUE",
            description = "The queue to send it to. By default the default queue.")
    private @Nullable String queue;

    @Option(
            names = "--exchange",
            paramLabel = "EXCHANGE",
            description = "The exchange to send it to, in place of a queue's own.")
    private @Nullable String exchange;

    @Option(
            names = "--routing-key",
            paramLabel = "KEY",
            description = "The key by which the exchange chooses queues.")
    private @Nullable String routingKey;

    @Option(
            names = "--priority",
            paramLabel = "N",
            description =
                    "How urgent it is, from 0 to 255: the more the larger, but on Redis the smaller.")
    private @Nullable Integer priority;

    @Option(
            names = "--countdown",
            paramLabel = "TIME",
            description = "Run it after a time: 30s, 10m, 2h, or seconds.")
    private @Nullable String countdown;

    @Option(
            names = "--eta",
            paramLabel = "INSTANT",
            description = "Run it from then on: 2030-01-31T12:00:00Z, or with another offset.")
    private @Nullable String eta;

    @Option(
            names = "--expires",
            paramLabel = "TIME|INSTANT",
            description = "Do not start it after that time, or after that instant.")
    private @Nullable String expires;

    @Option(
            names = "--serializer",
            paramLabel = "NAME",
            description = "How its arguments are written: json, msgpack, yaml.")
    private @Nullable String serializer;

    <R extends @Nullable Object> Signature<R> applyTo(Signature<R> call) {
        if (countdown != null && eta != null) {
            throw CommandException.wrongUse("--countdown and --eta say the same; give one of them");
        }
        var changed = call;
        if (queue != null) {
            changed = changed.queue(queue);
        }
        if (exchange != null) {
            changed = changed.exchange(exchange);
        }
        if (routingKey != null) {
            changed = changed.routingKey(routingKey);
        }
        if (priority != null) {
            changed = changed.priority(priority);
        }
        if (countdown != null) {
            changed = changed.countdown(duration("--countdown", countdown));
        }
        if (eta != null) {
            changed = changed.eta(instant("--eta", eta));
        }
        if (expires != null) {
            changed =
                    expires.contains("T")
                            ? changed.expires(instant("--expires", expires))
                            : changed.expires(duration("--expires", expires));
        }
        if (serializer != null) {
            changed = changed.serializer(serializer);
        }
        return changed;
    }

    private static Duration duration(String option, String text) {
        try {
            return Setting.toDuration(text);
        } catch (IllegalArgumentException e) {
            throw CommandException.wrongUse("%s: %s".formatted(option, e.getMessage()), e);
        }
    }

    private static Instant instant(String option, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw CommandException.wrongUse(
                    "%s: expected an instant such as 2030-01-31T12:00:00Z or 2030-01-31T13:00:00+01:00, was '%s'"
                            .formatted(option, text),
                    e);
        }
    }
}
