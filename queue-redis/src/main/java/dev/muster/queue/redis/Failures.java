package dev.muster.queue.redis;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.ScheduleStoreException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// Says in the words of broker, result store or schedule what Jedis threw.
enum Failures {
    BROKER {
        @Override
        MusterException unreachable(String where, Throwable cause) {
            return BrokerException.unreachable(where, cause);
        }

        @Override
        MusterException refused(String message, @Nullable Throwable cause) {
            return BrokerException.refused(message, cause);
        }
    },
    RESULTS {
        @Override
        MusterException unreachable(String where, Throwable cause) {
            return new ResultStoreException(
                    "result store %s cannot be reached: %s".formatted(where, cause.getMessage()),
                    cause);
        }

        @Override
        MusterException refused(String message, @Nullable Throwable cause) {
            return new ResultStoreException(message, cause);
        }
    },
    SCHEDULE {
        @Override
        MusterException unreachable(String where, Throwable cause) {
            return new ScheduleStoreException(
                    "schedule in %s cannot be reached: %s".formatted(where, cause.getMessage()),
                    cause);
        }

        @Override
        MusterException refused(String message, @Nullable Throwable cause) {
            return new ScheduleStoreException(message, cause);
        }
    };

    /// Answers of a server that will serve again: it reads its file, runs a long script, is out of
    /// memory, cannot write its disk, or is a replica about to take over.
    private static final Set<String> PASSING =
            Set.of(
                    "LOADING",
                    "BUSY",
                    "OOM",
                    "MISCONF",
                    "NOREPLICAS",
                    "READONLY",
                    "MASTERDOWN",
                    "TRYAGAIN",
                    "CLUSTERDOWN");

    /// How Jedis reports an answer that is none of Redis.
    private static final String NOT_REDIS = "Unknown reply";

    abstract MusterException unreachable(String where, Throwable cause);

    abstract MusterException refused(String message, @Nullable Throwable cause);

    /// @param where the address, password masked
    MusterException of(String where, JedisException failure) {
        var text = String.valueOf(failure.getMessage());
        if (failure instanceof JedisConnectionException) {
            // What answers, and not as Redis does, will not do so at the next try.
            return text.startsWith(NOT_REDIS)
                    ? refused("%s does not speak the protocol of Redis".formatted(where), failure)
                    : unreachable(where, root(failure));
        }
        return isPassing(failure)
                ? unreachable(where, failure)
                : refused("%s refused%s: %s".formatted(where, advice(text), text), failure);
    }

    /// What to do about it, where Redis tells that to those who know its protocol.
    private static String advice(String text) {
        return text.startsWith("NOAUTH") || text.startsWith("WRONGPASS")
                ? ", check user and password in the URL"
                : "";
    }

    /// Whether what Jedis threw may be different next time.
    static boolean isPassing(@Nullable Throwable failure) {
        return failure instanceof JedisDataException
                ? PASSING.contains(String.valueOf(failure.getMessage()).split(" ", 2)[0])
                : failure != null && !String.valueOf(failure.getMessage()).startsWith(NOT_REDIS);
    }

    /// Jedis says that no address could be connected to, and hides why.
    private static Throwable root(JedisException failure) {
        var suppressed = failure.getSuppressed();
        return suppressed.length > 0
                ? suppressed[0]
                : BrokerException.unknownHost(failure)
                        .<Throwable>map(reason -> new JedisConnectionException(reason, failure))
                        .orElse(failure);
    }
}
