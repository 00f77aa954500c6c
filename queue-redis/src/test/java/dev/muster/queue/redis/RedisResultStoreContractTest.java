package dev.muster.queue.redis;

import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.ClaimStoreContract;
import dev.muster.testkit.GroupStoreContract;
import dev.muster.testkit.RateStoreContract;
import dev.muster.testkit.ResultStoreContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class RedisResultStoreContractTest extends ResultStoreContract {
    @Override
    protected ResultStore openStore(Duration expires) {
        return Redis.store(Servers.redis().url(), Settings.DEFAULT.with("result_expires", expires));
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
