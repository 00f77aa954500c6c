package dev.muster.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/// The floor under every task queue on Redis that keeps to Celery's layout: Jedis with the fewest
/// commands, all pipelined, and no look into a message.
///
/// A message is an envelope in a list. Who takes it notes it in a hash and in a sorted set, until
/// it is acknowledged. Scripts that do this in one step, leases, and the reading of envelopes are
/// what a task queue adds.
final class RawRedis implements AutoCloseable {
    private static final int WINDOW = 500;
    private static final double WAIT_SECONDS = 1;
    private static final int PATIENCE_SECONDS = 60;
    private static final SetParams EXPIRY = SetParams.setParams().ex(86_400);

    private static final byte[] RESULT =
            "{\"status\": \"SUCCESS\", \"result\": null, \"traceback\": null, \"children\": []}"
                    .getBytes(UTF_8);

    private final URI url;
    private final int portion;
    private final byte[] queue = ("raw-" + UUID.randomUUID()).getBytes(UTF_8);
    private final byte[] unacked = "raw-unacked".getBytes(UTF_8);
    private final byte[] index = "raw-unacked-index".getBytes(UTF_8);
    private final Jedis publisher;
    private final Jedis consumer;

    /// @param portion how many messages are taken at once, as with a prefetch of so many
    RawRedis(String url, int portion) {
        this.url = URI.create(url);
        this.portion = portion;
        this.publisher = new Jedis(this.url);
        this.consumer = new Jedis(this.url);
    }

    /// @return messages per second, pushed in windows
    double send(int messages) {
        var start = System.nanoTime();
        publish(messages);
        var rate = messages / ((System.nanoTime() - start) / 1e9);
        publisher.del(queue);
        return rate;
    }

    private void publish(int messages) {
        try (var pipeline = publisher.pipelined()) {
            for (var count = 1; count <= messages; count++) {
                pipeline.lpush(queue, envelope(count));
                if (count % WINDOW == 0) {
                    pipeline.sync();
                }
            }
        }
    }

    /// @return messages per second, from the first push to the last acknowledgement
    double endToEnd(int messages) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var start = System.nanoTime();
            var sending =
                    threads.submit(() -> {
                        publish(messages);
                        return messages;
                    });
            consume(messages);
            sending.get();
            return messages / ((System.nanoTime() - start) / 1e9);
        }
    }

    private void consume(int messages) {
        var held = List.<byte[]>of();
        try (var pipeline = consumer.pipelined()) {
            for (var taken = 0; taken < messages || !held.isEmpty(); taken += held.size()) {
                held.forEach(tag -> {
                    pipeline.zrem(index, tag);
                    pipeline.hdel(unacked, tag);
                });
                var answer = pipeline.rpop(queue, portion);
                pipeline.sync();
                var tags = new ArrayList<byte[]>();
                for (var envelope : answer.get() == null ? List.<byte[]>of() : answer.get()) {
                    var tag = tag(taken + tags.size());
                    pipeline.zadd(index, System.currentTimeMillis() / 1e3, tag);
                    pipeline.hset(unacked, tag, envelope);
                    tags.add(tag);
                }
                pipeline.sync();
                held = tags;
            }
        }
    }

    /// A push, a blocked pop, a stored result that is published, and its arrival, one after the
    /// other.
    ///
    /// @return the nanoseconds of each
    long[] roundTrips(int count) throws Exception {
        var channel = ("raw-results-" + UUID.randomUUID()).getBytes(UTF_8);
        var answers = new Answers();
        var times = new long[count];
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var subscriber = new Jedis(url)) {
            var listening = threads.submit(call(() -> subscriber.subscribe(answers, channel)));
            answers.subscribed.await();
            var working = threads.submit(call(() -> answer(count, channel)));
            for (var number = 0; number < count; number++) {
                var start = System.nanoTime();
                publisher.lpush(queue, envelope(number));
                if (!answers.arrived.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("no answer came");
                }
                times[number] = System.nanoTime() - start;
            }
            working.get();
            answers.unsubscribe();
            listening.get();
        }
        return times;
    }

    private static Callable<Boolean> call(Runnable body) {
        return Executors.callable(body, true);
    }

    private void answer(int count, byte[] channel) {
        try (var pipeline = consumer.pipelined()) {
            for (var number = 0; number < count; ) {
                var taken = consumer.brpop(WAIT_SECONDS, queue);
                if (taken != null) {
                    var tag = tag(number++);
                    pipeline.zadd(index, System.currentTimeMillis() / 1e3, tag);
                    pipeline.hset(unacked, tag, taken.getValue());
                    pipeline.set(concat("raw-result-", tag), RESULT, EXPIRY);
                    pipeline.publish(channel, RESULT);
                    pipeline.zrem(index, tag);
                    pipeline.hdel(unacked, tag);
                    pipeline.sync();
                }
            }
        }
    }

    private static final class Answers extends BinaryJedisPubSub {
        private final CountDownLatch subscribed = new CountDownLatch(1);
        private final Semaphore arrived = new Semaphore(0);

        @Override
        public void onSubscribe(byte[] channel, int channels) {
            subscribed.countDown();
        }

        @Override
        public void onMessage(byte[] channel, byte[] message) {
            arrived.release();
        }
    }

    private static byte[] tag(int number) {
        return new UUID(1, number).toString().getBytes(UTF_8);
    }

    private static byte[] concat(String prefix, byte[] tag) {
        return (prefix + new String(tag, UTF_8)).getBytes(UTF_8);
    }

    /// As large as one of a task that does nothing.
    private static byte[] envelope(int number) {
        var id = new UUID(0, number).toString();
        return """
        {"body": "%s", "content-encoding": "utf-8", "content-type": "application/json", "headers": \
        {"lang": "java", "task": "bench.noop", "id": "%s", "shadow": null, "eta": null, "expires": null, \
        "group": null, "group_index": null, "retries": 0, "timelimit": [null, null], "root_id": "%s", \
        "parent_id": null, "argsrepr": "()", "kwargsrepr": "{}", "origin": "gen4711@host", \
        "ignore_result": true, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}}, \
        "properties": {"correlation_id": "%s", "reply_to": "%s", "delivery_mode": 2, "delivery_info": \
        {"exchange": "", "routing_key": "bench"}, "priority": 0, "body_encoding": "base64", \
        "delivery_tag": "%s"}}\
        """
                .formatted(BODY, id, id, id, id, id)
                .getBytes(UTF_8);
    }

    private static final String BODY =
            Base64.getEncoder()
                    .encodeToString(
                            "[[], {}, {\"callbacks\": null, \"errbacks\": null, \"chain\": null, \"chord\": null}]"
                                    .getBytes(UTF_8));

    @Override
    public void close() {
        publisher.close();
        consumer.close();
    }
}
