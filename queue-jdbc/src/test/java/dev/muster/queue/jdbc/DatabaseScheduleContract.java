package dev.muster.queue.jdbc;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.BeatContract;
import dev.muster.testkit.ScheduleStoreContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// Schedules in a database; each test has one of its own.
abstract class DatabaseScheduleContract {
    abstract String url();

    @Nested
    class Store extends ScheduleStoreContract {
        @Override
        protected ScheduleStore openStore() {
            return new JdbcScheduleStoreProvider()
                    .open(ServiceUrl.parse(url()), Environment.of(Settings.DEFAULT));
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
            return Map.of("beat_schedule_store", url());
        }
    }
}
