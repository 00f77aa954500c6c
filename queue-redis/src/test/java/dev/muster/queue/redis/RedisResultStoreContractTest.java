package dev.muster.queue.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.ClaimStoreContract;
import dev.muster.testkit.GroupStoreContract;
import dev.muster.testkit.RateStoreContract;
import dev.muster.testkit.ResultStoreContract;
import dev.muster.testkit.Servers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RedisResultStoreContractTest extends ResultStoreContract {
    @Override
    protected ResultStore openStore(Duration expires) {
        return Redis.store(Servers.redis().url(), Settings.DEFAULT.with("result_expires", expires));
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsNotSubscribed() throws Exception {
        var ended = newId();
        var cancelled = newId();
        var kept = newId();
        var endedWaits = List.of(client().await(ended), client().await(ended));
        var cancelledWaits = List.of(client().await(cancelled), client().await(cancelled));
        var keptWaits = List.of(client().await(kept), client().await(kept));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> isSubscribed(ended) && isSubscribed(cancelled) && isSubscribed(kept));

        store(success(ended, null));
        endedWaits.forEach(CompletableFuture::join);
        cancelledWaits.forEach(future -> future.cancel(false));
        keptWaits.getFirst().cancel(false);

        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !isSubscribed(ended) && !isSubscribed(cancelled));
        assertThat(isSubscribed(kept)).isTrue();
    }

    private static boolean isSubscribed(String taskId) throws IOException {
        var channels = Servers.redis().command("PUBSUB", "CHANNELS", "*" + taskId);
        return channels != null && !channels.isEmpty();
    }

    @Nested
    class Groups extends GroupStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return RedisResultStoreContractTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Claims extends ClaimStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return RedisResultStoreContractTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Rates extends RateStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return RedisResultStoreContractTest.this.openStore(Duration.ofHours(1));
        }
    }
}
