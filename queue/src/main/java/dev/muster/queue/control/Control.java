package dev.muster.queue.control;

import dev.muster.queue.codec.ContentRefusedException;
import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.events.LogicalClock;
import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Sends commands to the workers of a broker, Java's and Python's alike, and collects what they
/// answer. Immutable: each method that changes something returns a changed copy. Thread-safe.
///
/// ```java
/// muster.control().ping();                                   // {"muster@web1": {"ok": "pong"}, …}
/// muster.control().to("muster@web1").ask("active");
/// muster.control().tell("rate_limit", Map.of("task_name", "mail", "rate_limit", "10/m"));
/// ```
///
/// Commands are those of Celery 5 (`ping`, `active`, `stats`, `rate_limit`, `shutdown`, …) by their
/// names there. Who does not listen at the moment does not hear them.
public final class Control {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    private final Broker broker;
    private final Serializers serializers;
    private final LogicalClock clock;
    private final Wire wire;
    private final Command.Audience audience;
    private final Duration timeout;

    /// To all workers, with a second for their answers.
    ///
    /// @param serializers in which it asks, and reads answers
    /// @param settings which name the exchanges
    public Control(Broker broker, Serializers serializers, LogicalClock clock, Settings settings) {
        this(
                broker,
                serializers,
                clock,
                new Wire(settings),
                new Command.Audience.Everyone(),
                DEFAULT_TIMEOUT);
    }

    private Control(
            Broker broker,
            Serializers serializers,
            LogicalClock clock,
            Wire wire,
            Command.Audience audience,
            Duration timeout) {
        this.broker = broker;
        this.serializers = serializers;
        this.clock = clock;
        this.wire = wire;
        this.audience = audience;
        this.timeout = timeout;
    }

    /// To these workers only.
    ///
    /// @param nodes their names, `muster@host`
    public Control to(String... nodes) {
        if (nodes.length == 0) { // Python's workers would take it for all of them
            throw new IllegalArgumentException("name a worker at least");
        }
        return new Control(
                broker,
                serializers,
                clock,
                wire,
                new Command.Audience.Nodes(List.of(nodes)),
                timeout);
    }

    /// To those only whose names look like this.
    ///
    /// @param glob `*` stands for any characters, `?` for one, `[…]` for one of some
    public Control matching(String glob) {
        return new Control(
                broker, serializers, clock, wire, new Command.Audience.Like(glob), timeout);
    }

    /// To those only whose names begin with what a regular expression describes.
    public Control matchingRegex(String regex) {
        return new Control(
                broker, serializers, clock, wire, new Command.Audience.Matching(regex), timeout);
    }

    /// How long to wait for answers: less, when all that are named have answered; otherwise all of
    /// it, as nobody knows who will.
    public Control within(Duration value) {
        return new Control(broker, serializers, clock, wire, audience, value);
    }

    /// Who listens: `{"ok": "pong"}` by the name of each worker.
    public Map<String, @Nullable Object> ping() {
        return ask("ping");
    }

    /// Sends a command without arguments, as [#ask(String, Map)].
    public Map<String, @Nullable Object> ask(String method) {
        return ask(method, Map.of());
    }

    /// Sends a command, and waits for the answers.
    ///
    /// @param arguments by name, as plain data
    /// @return what each worker has answered in time, by its name: plain data. One that has refused
    ///   answers `{"error": text}`
    /// @throws BrokerException when the broker cannot be reached
    public Map<String, @Nullable Object> ask(String method, Map<String, ?> arguments) {
        var client = UUID.randomUUID().toString();
        var ticket = wire.ticket(UUID.randomUUID().toString(), client);
        var replies = wire.repliesTo(client);
        broker.declare(replies);
        try (var consumer = broker.consume(List.of(replies), 0)) {
            var deadline = System.nanoTime() + timeout.toNanos();
            publish(method, arguments, Optional.of(ticket));
            return collect(consumer, ticket, deadline);
        }
    }

    private Map<String, @Nullable Object> collect(
            Consumer consumer, Command.Ticket ticket, long deadline) {
        var answers = new LinkedHashMap<String, @Nullable Object>();
        for (var left = deadline - System.nanoTime();
                left > 0 && !isComplete(answers);
                left = deadline - System.nanoTime()) {
            for (var delivery : consumer.take(100, Duration.ofNanos(left))) {
                var message = delivery.message();
                clock.saw(message.headers().get("clock"));
                if (ticket.id().equals(message.headers().get("ticket"))) {
                    answers.putAll(answer(message));
                }
            }
        }
        return answers;
    }

    private boolean isComplete(Map<String, @Nullable Object> answers) {
        return audience instanceof Command.Audience.Nodes nodes
                && answers.keySet().containsAll(nodes.names());
    }

    /// What cannot be read is no answer.
    private Map<String, @Nullable Object> answer(Message message) {
        var answer = new LinkedHashMap<String, @Nullable Object>();
        try {
            if (serializers.read(message) instanceof Map<?, ?> content) {
                content.forEach((node, value) -> answer.put(String.valueOf(node), value));
            }
        } catch (DecodeException | ContentRefusedException _) {
            answer.clear();
        }
        return answer;
    }

    /// Sends a command without arguments, as [#tell(String, Map)].
    public void tell(String method) {
        tell(method, Map.of());
    }

    /// Sends a command, and wants no answer.
    ///
    /// @param arguments by name, as plain data
    /// @throws BrokerException when the broker cannot be reached
    public void tell(String method, Map<String, ?> arguments) {
        publish(method, arguments, Optional.empty());
    }

    private void publish(String method, Map<String, ?> arguments, Optional<Command.Ticket> ticket) {
        var command = new Command(method, new LinkedHashMap<>(arguments), audience, ticket);
        var expires =
                ticket.isPresent() ? (System.currentTimeMillis() + timeout.toMillis()) / 1000.0 : 0;
        try {
            broker.publish(List.of(wire.publish(serializers, command, clock.next(), expires)));
        } catch (BrokerException e) {
            if (!e.isUnroutable()) {
                throw e;
            }
            // There is no exchange: no worker has ever listened, and none is to be told.
        }
    }
}
