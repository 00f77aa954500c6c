package dev.muster.queue;

import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultRecord;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets calls with an idempotency key succeed once ([Signature#idempotencyKey]). Thread-safe.
///
/// What a call with a key has returned is stored twice: under its task id as any result, and before
/// that under an id made of task and key. A call that finds a record there takes it and does not
/// run. While one runs, it has claimed the key, with a lease that is renewed: it lapses soon after
/// the death of a worker. The lease belongs to the run and not to the task, so it also keeps apart
/// two deliveries of one message.
final class Idempotency {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    static final String HEADER = "idempotency_key";

    /// After this time a worker that does not renew its lease is taken for dead.
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Duration RENEWAL = LEASE.dividedBy(3);

    /// How soon a call that found another running looks again.
    private static final Duration AGAIN = Duration.ofSeconds(3);

    private final Muster muster;
    private final Recorder recorder;

    Idempotency(Muster muster, Recorder recorder) {
        this.muster = muster;
        this.recorder = recorder;
    }

    /// The key of a call, together with its task.
    static Optional<String> keyOf(Map<String, ? extends @Nullable Object> headers, String task) {
        return headers.get(HEADER) instanceof String key && !key.isBlank()
                ? Optional.of("once-" + UniqueKey.digest(task + "\n" + key))
                : Optional.empty();
    }

    /// @throws MusterException when the call has a key, and the store cannot keep it
    static void requireStore(Muster muster, Signature<?> call) {
        var headers =
                call.option(Signature.Option.HEADERS)
                        .map(Signature.Headers::values)
                        .orElse(Map.of());
        if (keyOf(headers, call.task()).isPresent() && muster.store().claims().isEmpty()) {
            throw new MusterException(
                    "%s has an idempotency key, which needs a result store that keeps claims, and %s does not; set result_backend, for example to redis://localhost:6379/1"
                            .formatted(call.task(), muster.store().description()));
        }
    }

    /// What to do with a call.
    sealed interface Entry {
        /// To be run. The lease is to be closed when its outcome is stored.
        record Run(Lease lease) implements Entry {}

        /// It has succeeded before.
        record Done(@Nullable Object value) implements Entry {}

        /// Another one runs; to be asked again then.
        record Busy(Instant again) implements Entry {}
    }

    /// @throws dev.muster.queue.spi.ResultStoreException when the store cannot be reached for about
    ///   a minute
    Entry enter(TaskRequest request) {
        var key = keyOf(request.headers(), request.task());
        if (key.isEmpty()) {
            return new Entry.Run(Lease.NONE);
        }
        var claims = muster.store().claims();
        if (claims.isEmpty()) {
            LOG.warn(
                    "task {} has an idempotency key, which {} cannot keep, so it runs whatever was before",
                    LogText.of(request.id()),
                    muster.store().description());
            return new Entry.Run(Lease.NONE);
        }
        // The same in each try: an answer that was lost may have been that it has the key.
        var run = UUID.randomUUID().toString();
        return recorder.patiently(
                "the key of task " + request.id(), () -> enter(key.get(), run, claims.get()));
    }

    /// For a message that comes again: the task may have succeeded without being acknowledged.
    ///
    /// @throws dev.muster.queue.spi.ResultStoreException as [#enter(TaskRequest)]
    Entry again(TaskRequest request) {
        return recorder.patiently(
                        "the result of task " + request.id(),
                        () -> muster.store().fetch(request.id()))
                .filter(record -> record.state().equals(State.SUCCESS))
                .<Entry>map(record -> new Entry.Done(record.result()))
                .orElseGet(() -> enter(request));
    }

    private Entry enter(String key, String run, ClaimStore claims) {
        if (!claims.claim(key, run, LEASE).equals(run)) {
            return new Entry.Busy(muster.environment().clock().instant().plus(AGAIN));
        }
        var lease = new HeldLease(claims, key, run);
        try {
            var stored =
                    muster.store()
                            .fetch(key)
                            .filter(record -> record.state().equals(State.SUCCESS));
            if (stored.isPresent()) {
                lease.close();
                return new Entry.Done(stored.get().result());
            }
            lease.keep();
            return new Entry.Run(lease);
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /// The call has succeeded: from now on its value is that of all with its key.
    ///
    /// @throws dev.muster.queue.codec.EncodeException when the value cannot be written
    void succeeded(TaskRequest request, @Nullable Object value) {
        var key = keyOf(request.headers(), request.task());
        if (key.isEmpty() || muster.store().claims().isEmpty()) {
            return;
        }
        var record =
                new ResultRecord(
                        key.get(),
                        State.SUCCESS,
                        value,
                        null,
                        muster.environment().clock().instant(),
                        Map.of());
        recorder.patiently(
                "the result of task " + request.id(),
                () -> {
                    // Nobody waits for it by a message.
                    muster.store().store(record, null);
                    return Optional.empty();
                });
    }

    /// The right to run with a key.
    @FunctionalInterface
    interface Lease extends AutoCloseable {
        Lease NONE = () -> {};

        /// Gives it back. Twice is harmless.
        @Override
        void close();
    }

    private final class HeldLease implements Lease {
        private final ClaimStore claims;
        private final String key;
        private final String run;
        private final AtomicBoolean closed = new AtomicBoolean();
        private @Nullable Renewal renewal;

        HeldLease(ClaimStore claims, String key, String run) {
            this.claims = claims;
            this.key = key;
            this.run = run;
        }

        void keep() {
            renewal =
                    new Renewal(
                            "the lease on an idempotency key",
                            RENEWAL,
                            muster.environment(),
                            this::renew);
        }

        private void renew() {
            if (!claims.claim(key, run, LEASE).equals(run)) {
                LOG.warn(
                        "another run with the same idempotency key has begun, because this one could not renew its lease in time");
            }
        }

        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                return;
            }
            if (renewal != null) {
                renewal.close();
            }
            try {
                claims.release(key, run);
            } catch (MusterException e) {
                LOG.warn(
                        "an idempotency key is free again in {} s: {}",
                        LEASE.toSeconds(),
                        e.getMessage());
            }
        }
    }
}
