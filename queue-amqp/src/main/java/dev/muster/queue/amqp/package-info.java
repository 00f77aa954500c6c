/// The broker on RabbitMQ: AMQP 0-9-1 with publisher confirms.
///
/// Opened by the schemes `amqp`, `amqps` and `pyamqp`. Nothing here is public: start reading at
/// `AmqpBroker`, which publishes and declares over one connection and opens an `AmqpConsumer` with
/// a connection of its own for each reader. `ConnectionOpener` knows addresses, failover and TLS.
@NullMarked
package dev.muster.queue.amqp;

import org.jspecify.annotations.NullMarked;
