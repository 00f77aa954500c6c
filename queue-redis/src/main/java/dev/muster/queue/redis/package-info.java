/// The Redis broker and result store, laid out in Redis as kombu and Celery do it, so that Java and
/// Python workers share queues and results (celery-wire 3 and 4.1).
///
/// Nothing here is called directly: a URL with one of the schemes `redis`, `rediss` or
/// `redis+socket` leads to [dev.muster.queue.redis.RedisBrokerProvider] and
/// [dev.muster.queue.redis.RedisResultStoreProvider]. Read `RedisBroker` for publishing,
/// `RedisConsumer` for taking and waiting, `Restorer` for what brings back the messages of the
/// dead.
@NullMarked
package dev.muster.queue.redis;

import org.jspecify.annotations.NullMarked;
