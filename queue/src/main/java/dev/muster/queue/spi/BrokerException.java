package dev.muster.queue.spi;

import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The broker refused something, or cannot be reached.
///
/// [#isTransient()] tells the two apart: a transient failure (connection lost, server restarting)
/// may pass, so the caller tries again after a delay; another one (a queue declared with other
/// properties, a bad password) will not.
public final class BrokerException extends MusterException {
    /// A chain of causes may be a ring.
    private static final int MAX_CAUSES = 20;

    private final Kind kind;

    private enum Kind {
        TRANSIENT,
        REFUSED,
        UNROUTABLE
    }

    private BrokerException(String message, @Nullable Throwable cause, Kind kind) {
        super(message, cause);
        this.kind = kind;
    }

    /// The broker at `where` (an address without password) cannot be reached, or the connection to
    /// it was lost.
    public static BrokerException unreachable(String where, @Nullable Throwable cause) {
        return new BrokerException(
                "broker %s cannot be reached%s"
                        .formatted(where, cause == null ? "" : ": " + reason(cause)),
                cause,
                Kind.TRANSIENT);
    }

    /// That a host is not known, if that is what is behind a failure. Client libraries say only
    /// that there is no connection, and Java no more than the host's name.
    public static Optional<String> unknownHost(Throwable failure) {
        return Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(MAX_CAUSES)
                .filter(UnknownHostException.class::isInstance)
                .map(cause -> "unknown host " + cause.getMessage())
                .findFirst();
    }

    private static String reason(Throwable cause) {
        var unknownHost = unknownHost(cause);
        if (unknownHost.isPresent()) {
            return unknownHost.get();
        }
        var message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /// The last of several tries failed, as the ones before.
    public static BrokerException exhausted(BrokerException last, int tries) {
        return new BrokerException(
                "%s (tried %d times; more tries: task_publish_retry_policy)"
                        .formatted(last.getMessage(), tries),
                last,
                Kind.TRANSIENT);
    }

    /// The broker answered, and the answer was no.
    public static BrokerException refused(String message, @Nullable Throwable cause) {
        return new BrokerException(message, cause, Kind.REFUSED);
    }

    /// No queue takes the message.
    ///
    /// @param where the broker, an address without password
    public static BrokerException unroutable(String where, Publication publication) {
        return new BrokerException(
                "broker %s: no queue takes a message to %s; declare the queue and its binding first"
                        .formatted(where, publication.target()),
                null,
                Kind.UNROUTABLE);
    }

    /// There is no exchange of the name that the message is for.
    ///
    /// @param message as for [#refused]
    public static BrokerException missing(String message, @Nullable Throwable cause) {
        return new BrokerException(message, cause, Kind.UNROUTABLE);
    }

    /// No worker reads a broadcast.
    ///
    /// @param exchange of the broadcast
    /// @param cause the broker's own words
    public static BrokerException unheard(String exchange, BrokerException cause) {
        return new BrokerException(
                "nobody hears the broadcast '%s': no worker reads it now, so no task was sent"
                        .formatted(exchange),
                cause,
                Kind.UNROUTABLE);
    }

    public boolean isTransient() {
        return kind == Kind.TRANSIENT;
    }

    /// Whether a message was refused because no queue takes it, or there is no such exchange. That
    /// is normal for a reply: its reader may have gone.
    public boolean isUnroutable() {
        return kind == Kind.UNROUTABLE;
    }
}
