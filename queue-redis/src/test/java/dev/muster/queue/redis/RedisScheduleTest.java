package dev.muster.queue.redis;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.BeatContract;
import dev.muster.testkit.ScheduleStoreContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

class RedisScheduleTest {
    private final Redis database = Redis.database();

    @Nested
    class Store extends ScheduleStoreContract {
        @Override
        protected ScheduleStore openStore() {
            return new RedisScheduleStoreProvider()
                    .open(ServiceUrl.parse(database.url()), Environment.of(Settings.DEFAULT));
        }

        @Override
        protected boolean hasLeases() {
            return true;
        }
    }

    @Nested
    class Beats extends BeatContract {
        @Override
        protected Map<String, Object> store() {
            return Map.of("beat_schedule_store", database.url());
        }
    }
}
