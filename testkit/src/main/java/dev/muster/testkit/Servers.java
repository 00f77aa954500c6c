package dev.muster.testkit;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One server of each kind for all test classes of a JVM: started when first asked for, closed when
/// the JVM ends.
///
/// Tests on a shared server use queues, keys or databases of their own. A test that stops or kills
/// a server creates its own.
public final class Servers {
    private static final Shared<RedisServer> REDIS = new Shared<>(RedisServer::create);
    private static final Shared<RabbitServer> RABBIT = new Shared<>(RabbitServer::create);
    private static final Shared<PostgresServer> POSTGRES = new Shared<>(PostgresServer::create);

    private Servers() {}

    public static RedisServer redis() {
        return REDIS.get();
    }

    public static RabbitServer rabbit() {
        return RABBIT.get();
    }

    public static PostgresServer postgres() {
        return POSTGRES.get();
    }

    private static final class Shared<S extends Server> {
        private final Supplier<S> opener;
        private @Nullable S server;

        private Shared(Supplier<S> opener) {
            this.opener = opener;
        }

        /// When the start fails, the next test tries again and reports the same reason.
        private synchronized S get() {
            var current = server;
            if (current == null) {
                current = opener.get();
                server = current;
            }
            return current;
        }
    }
}
