package dev.muster.queue.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Publication;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one caller wants published, and the answer to it. Handed from thread to thread by the
/// batcher, used by one at a time.
final class PublishRequest {
    private final List<Outgoing> messages;
    private @Nullable BrokerException failure;
    private int settled;

    private PublishRequest(List<Outgoing> messages) {
        this.messages = messages;
    }

    /// @throws BrokerException when a header is of a type that cannot travel
    static PublishRequest of(List<Publication> messages) {
        var outgoing = new ArrayList<Outgoing>(messages.size());
        for (var message : messages) {
            outgoing.add(new Outgoing(message, MessageProperties.write(message.message())));
        }
        return new PublishRequest(outgoing);
    }

    record Outgoing(Publication publication, BasicProperties properties) {
        boolean isMandatory() {
            return publication.message().properties().persistent();
        }
    }

    List<Outgoing> messages() {
        return messages;
    }

    /// The server has answered for one more of the messages.
    void settleOne() {
        settled++;
    }

    boolean isSettled() {
        return settled == messages.size();
    }

    boolean isUnroutable() {
        return failure != null && failure.isUnroutable();
    }

    /// The first failure counts.
    void fail(BrokerException reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    void throwFailure() {
        if (failure != null) {
            throw failure;
        }
    }
}
