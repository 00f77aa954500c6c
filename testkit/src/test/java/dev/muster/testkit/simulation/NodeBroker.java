package dev.muster.testkit.simulation;

import dev.muster.queue.spi.Broker;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Publication;
import dev.muster.queue.spi.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The broker of a [Server] as one node sees it: over a network.
final class NodeBroker implements Broker {
    /// How long a wait for acknowledgements lasts, until it looks again.
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Node node;
    private final Server server;
    private final List<Connection> connections = new ArrayList<>();

    NodeBroker(Node node, Server server) {
        this.node = node;
        this.server = server;
    }

    Server server() {
        return server;
    }

    @Override
    public void declare(Queue queue) {
        call(() -> server.broker().declare(queue));
    }

    /// Also those are stored whose confirmation is lost; and when a connection is lost in the
    /// middle, those before.
    @Override
    public void publish(List<Publication> messages) {
        call(() -> {
            var kept = server.keepsTime() ? messages : messages.stream().map(this::atOnce).toList();
            server.broker().publish(kept);
            kept.forEach(this::published);
        });
    }

    private Publication atOnce(Publication message) {
        return new Publication(message.exchange(), message.routingKey(), message.message(), null);
    }

    private void published(Publication publication) {
        server.ledger().published(publication.message(), node);
        server.changed();
        var due = publication.notBefore();
        if (due != null) {
            var _ = server.simulation().at(due, server::changed);
        }
    }

    private void call(Runnable action) {
        server.callBroker(
                () -> {
                    action.run();
                    return true;
                },
                node::harmed);
    }

    @Override
    public Consumer consume(Collection<Queue> queues, int prefetch) {
        var consumer = server.callBroker(() -> server.broker().consume(queues, prefetch), () -> {});
        var connection = new Connection(consumer);
        connections.add(connection);
        return connection;
    }

    /// The connections of this node break, or its process has died.
    void cut() {
        connections.forEach(Connection::lose);
        connections.clear();
    }

    @Override
    public long length(String queue) {
        return server.callBroker(() -> server.broker().length(queue), () -> {});
    }

    @Override
    public long purge(String queue) {
        return server.callBroker(() -> server.broker().purge(queue), () -> {});
    }

    @Override
    public String description() {
        return "simulated:";
    }

    @Override
    public void close() {
        cut();
    }

    /// A consumer with a connection that can be lost.
    private final class Connection implements Consumer {
        private final Consumer inner;
        private boolean lost;
        private boolean cancelled;
        private boolean closed;

        /// How many acknowledgements are on their way.
        private int leaving;

        Connection(Consumer inner) {
            this.inner = inner;
        }

        /// The broker gives others what it held, at once or after the lease.
        void lose() {
            if (!lost) {
                lost = true;
                server.changed();
                if (!server.faults().forgetful()) {
                    var _ =
                            server.simulation()
                                    .after(
                                            server.faults().lease(),
                                            () -> {
                                                inner.close();
                                                server.changed();
                                            });
                }
            }
        }

        private <T> T call(Supplier<T> action) {
            return server.callBroker(
                    () -> {
                        if (lost) {
                            throw BrokerException.unreachable("simulated:", null);
                        }
                        return action.get();
                    },
                    this::lose);
        }

        /// By a thread of its own, when its turn comes.
        void tellSoon(Runnable acknowledgement) {
            leaving++;
            node.start(
                    "acknowledgement",
                    () -> {
                        try {
                            tell(acknowledgement);
                        } catch (BrokerException e) {
                            // The connection is lost, and the message comes again.
                        } finally {
                            leaving--;
                            server.changed();
                        }
                    });
        }

        void tell(Runnable settlement) {
            if (lost) {
                return;
            }
            if (server.losesAcknowledgement()) {
                lose();
                return;
            }
            call(() -> {
                settlement.run();
                return true;
            });
        }

        private void awaitAcknowledgements() {
            try {
                for (var change = server.nextChange(); leaving > 0; change = server.nextChange()) {
                    node.await(change, CLOSING);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public List<Delivery> take(int max, Duration timeout) {
            var end = server.simulation().nanoTime() + timeout.toNanos();
            while (true) {
                var change = server.nextChange();
                var taken = call(() -> inner.take(max, Duration.ZERO));
                var left = end - server.simulation().nanoTime();
                if (!taken.isEmpty() || cancelled || left <= 0) {
                    return taken.stream().map(this::delivered).toList();
                }
                try {
                    node.await(change, Duration.ofNanos(left));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return List.of();
                }
            }
        }

        private Delivery delivered(Delivery delivery) {
            server.ledger().delivered(delivery.message(), node, () -> closed);
            return new Received(delivery, this);
        }

        @Override
        public void prefetch(int count) {
            call(() -> {
                inner.prefetch(count);
                server.changed();
                return true;
            });
        }

        @Override
        public void cancel() {
            cancelled = true;
            inner.cancel();
            server.changed();
        }

        @Override
        public void close() {
            cancelled = true;
            awaitAcknowledgements();
            lost = true;
            closed = true;
            inner.close();
            server.changed();
        }
    }

    /// A message in the hands of this node.
    private final class Received implements Delivery {
        private final Delivery inner;
        private final Connection connection;
        private boolean settled;

        Received(Delivery inner, Connection connection) {
            this.inner = inner;
            this.connection = connection;
        }

        @Override
        public Message message() {
            return inner.message();
        }

        @Override
        public String exchange() {
            return inner.exchange();
        }

        @Override
        public String routingKey() {
            return inner.routingKey();
        }

        @Override
        public String queue() {
            return inner.queue();
        }

        @Override
        public boolean redelivered() {
            return inner.redelivered();
        }

        @Override
        public Optional<String> defect() {
            return inner.defect();
        }

        @Override
        public void ack() {
            settle(this::acknowledge);
        }

        @Override
        public void ackSoon() {
            if (!settled && !connection.lost) {
                settled = true;
                connection.tellSoon(this::acknowledge);
            }
        }

        private void acknowledge() {
            server.ledger().acknowledged(message(), node, server.store());
            inner.ack();
        }

        @Override
        public void reject(boolean requeue) {
            settle(() -> {
                inner.reject(requeue);
                server.ledger().rejected(message(), requeue);
                server.changed();
            });
        }

        private void settle(Runnable action) {
            if (settled || connection.lost) {
                return;
            }
            settled = true;
            connection.tell(action);
        }
    }
}
