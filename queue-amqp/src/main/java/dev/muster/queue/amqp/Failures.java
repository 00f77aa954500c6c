package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ProtocolVersionMismatchException;
import com.rabbitmq.client.ShutdownSignalException;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.TlsOptions;
import java.net.ConnectException;
import java.net.SocketException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Says in our words what the client library and the server said in theirs.
final class Failures {
    private static final Pattern DIFFERING_ARGUMENT =
            Pattern.compile(
                    "inequivalent arg '([^']*)' for (queue|exchange) .*received (.*) but current is"
                            + " (.*?)(?:, class-id=|$)",
                    Pattern.DOTALL);

    private Failures() {}

    /// What the server said when it closed a channel or a connection.
    record Refusal(int code, String text) {
        @Override
        public String toString() {
            return "%d %s".formatted(code, text);
        }
    }

    static BrokerException ofConnecting(
            Exception e, ServiceUrl url, String virtualHost, @Nullable TlsOptions options) {
        var user = Optional.ofNullable(url.user()).orElse("guest");
        if (find(e, AuthenticationFailureException.class).isPresent()
                || find(e, PossibleAuthenticationFailureException.class).isPresent()) {
            return BrokerException.refused(
                    "broker %s refused user '%s': check user and password in broker_url"
                            .formatted(url, user),
                    e);
        }
        var refusal = refusal(e);
        if (refusal.isPresent() && refusal.get().code == AMQP.NOT_ALLOWED) {
            return BrokerException.refused(
                    ("broker %s refused virtual host '%s' to user '%s': %s; create it (rabbitmqctl"
                                    + " add_vhost) or permit it (rabbitmqctl set_permissions)")
                            .formatted(url, virtualHost, user, refusal.get()),
                    e);
        }
        if (find(e, MalformedFrameException.class).isPresent()
                || find(e, ProtocolVersionMismatchException.class).isPresent()) {
            return BrokerException.refused(
                    ("broker %s does not speak AMQP 0-9-1: is host and port that of RabbitMQ, and is"
                                    + " amqps:// written for a TLS port?")
                            .formatted(url),
                    e);
        }
        var tls = find(e, SSLException.class);
        if (tls.isPresent() && options != null) {
            return BrokerException.refused(
                    "broker %s: %s".formatted(url, options.explain(tls.get())), e);
        }
        var hungUp = find(e, SocketException.class).filter(s -> !(s instanceof ConnectException));
        if (hungUp.isPresent() && options != null) {
            return BrokerException.unreachable(
                    url.toString(), new ServerSaid(options.explain(hungUp.get()), e));
        }
        return BrokerException.unreachable(url.toString(), explained(e));
    }

    /// @param doing what failed, as in `cannot publish to queue 'x'`
    static BrokerException of(Exception e, String doing, String where) {
        var refusal = refusal(e);
        if (refusal.isEmpty()) {
            return BrokerException.unreachable(where, explained(e));
        }
        return switch (refusal.get().code) {
            case AMQP.ACCESS_REFUSED, AMQP.NOT_FOUND, AMQP.PRECONDITION_FAILED, AMQP.NOT_ALLOWED ->
                    BrokerException.refused(
                            "broker %s: %s: %s".formatted(where, doing, refusal.get()), e);
            default -> BrokerException.unreachable(where, explained(e));
        };
    }

    static BrokerException ofPublishing(Exception e, String target, String where) {
        var failure = of(e, "cannot publish to " + target, where);
        return refusal(e).filter(said -> said.code == AMQP.NOT_FOUND).isPresent()
                ? BrokerException.missing(String.valueOf(failure.getMessage()), e)
                : failure;
    }

    /// For one who is not at fault, whatever the server said.
    static BrokerException transientOf(Exception e, String where) {
        return BrokerException.unreachable(where, explained(e));
    }

    static BrokerException ofDeclaring(Exception e, Queue queue, String where) {
        var refusal = refusal(e);
        if (refusal.isEmpty() || refusal.get().code != AMQP.PRECONDITION_FAILED) {
            return of(e, "cannot declare queue '%s'".formatted(queue.name()), where);
        }
        var difference = DIFFERING_ARGUMENT.matcher(refusal.get().text);
        if (!difference.find()) {
            return of(e, "cannot declare queue '%s'".formatted(queue.name()), where);
        }
        var isQueue = "queue".equals(difference.group(2));
        return BrokerException.refused(
                ("broker %s: %s '%s' exists with another %s: declared here is %s, there it is %s;"
                                + " declare it as it is (%s in task_queues) or delete it first")
                        .formatted(
                                where,
                                difference.group(2),
                                isQueue ? queue.name() : queue.exchange().name(),
                                difference.group(1),
                                difference.group(3),
                                difference.group(4),
                                isQueue ? "queue_arguments" : "exchange_type"),
                e);
    }

    /// The server's own reason, if it closed the channel or the connection.
    static Optional<Refusal> refusal(Throwable e) {
        return find(e, ShutdownSignalException.class).flatMap(Failures::refusal);
    }

    private static Optional<Refusal> refusal(ShutdownSignalException signal) {
        Method reason = signal.getReason();
        return Optional.ofNullable(
                switch (reason) {
                    case AMQP.Channel.Close close when !signal.isInitiatedByApplication() ->
                            new Refusal(close.getReplyCode(), close.getReplyText());
                    case AMQP.Connection.Close close when !signal.isInitiatedByApplication() ->
                            new Refusal(close.getReplyCode(), close.getReplyText());
                    case null, default -> null;
                });
    }

    /// The innermost cause that says something, since the client's wrappers often say nothing.
    private static Throwable explained(Throwable e) {
        var refusal = refusal(e);
        if (refusal.isPresent()) {
            return new ServerSaid(refusal.get(), e);
        }
        Throwable explained = e;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                explained = cause;
            }
        }
        if (explained.getMessage() == null) {
            return new ServerSaid(
                    e instanceof TimeoutException ? "no answer in time" : e.getClass().getName(),
                    e);
        }
        return explained;
    }

    /// The link between our message and the client's exception.
    private static final class ServerSaid extends Exception {
        private ServerSaid(Object what, Throwable cause) {
            super(what.toString(), cause);
        }
    }

    private static <T extends Throwable> Optional<T> find(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
