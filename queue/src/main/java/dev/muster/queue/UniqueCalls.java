package dev.muster.queue;

import dev.muster.queue.Signature.Option;
import dev.muster.queue.codec.LogText;
import dev.muster.queue.message.TaskRequest;
import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.MusterException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps calls from being sent while equal ones wait or run ([Task#unique()]). Thread-safe.
///
/// Whoever sends a unique call claims its key first, under the id of the task and a number of its
/// own, as two calls may have been given one id; the message says so in a header. The claim is
/// given up by the worker in which the task has ended, after its result is stored, or by the sender
/// when publishing fails. It lapses by itself, so that a lost task is not in the way for ever.
final class UniqueCalls {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /// Holds what was claimed for the task: `key`, `by`, the owner of the claim, and `for`, in
    /// seconds.
    static final String HEADER = "unique";

    private static final String KEY = "key";
    private static final String OWNER = "by";
    private static final String LIFETIME = "for";

    /// In the owner of a claim, after the id.
    private static final String SEPARATOR = "/";

    private final Muster muster;

    UniqueCalls(Muster muster) {
        this.muster = muster;
    }

    /// The claims of one sending. Not thread-safe.
    ///
    /// @param handles the tasks whose results the sender gets; all others are always sent, because
    ///   nobody could be told that they were not
    Claims claims(Set<String> handles) {
        return new Claims(handles);
    }

    /// For what follows a task: all is sent.
    Claims none() {
        return new Claims(Set.of());
    }

    /// For a transaction of the caller: all is sent, and what is unique refused.
    Claims refusing() {
        return new Claims(Set.of()) {
            @Override
            Optional<Signature<?>> admit(Signature<?> call) {
                if (call.option(Option.UNIQUE).orElse(Task.Unique.NO) != Task.Unique.NO) {
                    throw new MusterException(
                            "%s is unique, and its claim would not be undone with the transaction; send it after the commit, or with unique(Task.Unique.NO)"
                                    .formatted(call.task()));
                }
                return Optional.of(call);
            }
        };
    }

    /// What one sending has claimed, and what it need not send.
    class Claims {
        private final Set<String> handles;

        /// The keys, by the owners of the claims.
        private final Map<String, String> made = new LinkedHashMap<>();

        /// By id, what is there instead.
        private final Map<String, Duplicate> duplicates = new HashMap<>();

        private Claims(Set<String> handles) {
            this.handles = handles;
        }

        private record Duplicate(String existingId, Task.Unique unique) {}

        /// @return the call as it is to be sent; empty when an equal one is there
        /// @throws MusterException when it is unique, and the store keeps no claims
        Optional<Signature<?>> admit(Signature<?> call) {
            var unique = call.option(Option.UNIQUE).orElse(Task.Unique.NO);
            var id = call.option(Option.TASK_ID).orElse("");
            if (unique == Task.Unique.NO || !handles.contains(id) || isFollowed(call)) {
                return Optional.of(call);
            }
            var how = call.option(Option.UNIQUE_KEY).orElse(UniqueKey.DEFAULT);
            var key = how.of(call, muster.json());
            var own = id + SEPARATOR + UUID.randomUUID();
            var claims = store(call);
            made.put(own, key); // before, as it may be claimed although the answer is lost
            var owner = claim(claims, key, own, how.lifetime());
            if (!owner.equals(own)) {
                made.remove(own);
                LOG.debug("{} is not sent, as task {} is equal", call, taskOf(owner));
                duplicates.put(id, new Duplicate(taskOf(owner), unique));
                return Optional.empty();
            }
            return Optional.of(
                    call.header(
                            HEADER,
                            Map.of(
                                    KEY,
                                    key,
                                    OWNER,
                                    own,
                                    LIFETIME,
                                    how.lifetime().toNanos() / 1e9)));
        }

        /// With the tasks that are there in place of those that are not sent.
        ResultTree results(ResultTree planned) {
            return duplicates.isEmpty()
                    ? planned
                    : planned.withLeaves(one -> {
                        var other = duplicates.get(one.id());
                        return other == null
                                ? one
                                : new ResultTree.One(
                                        other.existingId,
                                        one.type(),
                                        one.isIgnored(),
                                        one.parent(),
                                        other.unique);
                    });
        }

        /// Nothing was sent: the next equal call is the first.
        void release() {
            made.forEach((owner, key) -> giveUp(key, owner));
        }
    }

    private static boolean isFollowed(Signature<?> call) {
        return call.option(Option.CHORD).isPresent()
                || call.option(Option.CHAIN)
                        .map(links -> !links.workflows().isEmpty())
                        .orElse(false);
    }

    private ClaimStore store(Signature<?> call) {
        var store = muster.store();
        return store.claims()
                .orElseThrow(() ->
                        new MusterException(
                                "%s is unique, which needs a result store that keeps claims, and %s does not; set result_backend, for example to redis://localhost:6379/1"
                                        .formatted(call.task(), store.description())));
    }

    private static String taskOf(String owner) {
        var end = owner.lastIndexOf(SEPARATOR);
        return end < 0 ? owner : owner.substring(0, end);
    }

    /// @return whose it is now
    private String claim(ClaimStore claims, String key, String own, Duration lifetime) {
        var owner = claims.claim(key, own, lifetime);
        if (owner.equals(own) || !hasEnded(taskOf(owner))) {
            return owner;
        }
        // It ran in a Python worker, which knows no claims, or its worker died right after.
        claims.release(key, owner);
        return claims.claim(key, own, lifetime);
    }

    private boolean hasEnded(String id) {
        return muster.store().fetch(id).map(record -> record.state().isReady()).orElse(false);
    }

    /// What was claimed for a task, as its message says.
    private record Claimed(String key, String owner, Duration lifetime) {
        static Optional<Claimed> of(TaskRequest request) {
            return request.headers().get(HEADER) instanceof Map<?, ?> header
                            && header.get(KEY) instanceof String key
                            && header.get(OWNER) instanceof String owner
                            && header.get(LIFETIME) instanceof Number seconds
                            && seconds.doubleValue() > 0
                    ? Optional.of(
                            new Claimed(
                                    key,
                                    owner,
                                    Duration.ofNanos(
                                            (long)
                                                    (seconds.doubleValue()
                                                            * TimeUnit.SECONDS.toNanos(1)))))
                    : Optional.empty();
        }
    }

    static boolean isUnique(TaskRequest request) {
        return request.headers().containsKey(HEADER);
    }

    /// The task has ended: the next equal call is the first.
    void release(TaskRequest request) {
        Claimed.of(request).ifPresent(claimed -> giveUp(claimed.key, claimed.owner));
    }

    private void giveUp(String key, String owner) {
        try {
            muster.store().claims().ifPresent(claims -> claims.release(key, owner));
        } catch (MusterException e) {
            LOG.warn(
                    "task {} keeps equal ones away until its claim lapses: {}",
                    LogText.of(taskOf(owner)),
                    e.getMessage());
        }
    }

    /// The task will be tried again then.
    void prolong(TaskRequest request, Instant eta) {
        Claimed.of(request)
                .ifPresent(claimed -> {
                    var wait = Duration.between(muster.environment().clock().instant(), eta);
                    var lifetime =
                            wait.isPositive() ? claimed.lifetime.plus(wait) : claimed.lifetime;
                    try {
                        muster.store()
                                .claims()
                                .ifPresent(claims ->
                                        claims.claim(claimed.key, claimed.owner, lifetime));
                    } catch (MusterException e) {
                        LOG.warn(
                                "task {} may soon not keep equal ones away: {}",
                                LogText.of(request.id()),
                                e.getMessage());
                    }
                });
    }
}
