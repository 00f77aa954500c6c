package dev.muster.queue.jdbc;

import dev.muster.queue.spi.ResultStore;
import dev.muster.testkit.ClaimStoreContract;
import dev.muster.testkit.GroupStoreContract;
import dev.muster.testkit.RateStoreContract;
import dev.muster.testkit.ResultStoreContract;
import dev.muster.testkit.Servers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

class PostgresResultStoreTest extends ResultStoreContract {
    private static String database = "";

    @BeforeAll
    static void createDatabase() {
        database = Servers.postgres().newDatabase();
    }

    @Override
    protected ResultStore openStore(Duration expires) {
        return Databases.store(database, expires);
    }

    @Nested
    class Groups extends GroupStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return PostgresResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Claims extends ClaimStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return PostgresResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Rates extends RateStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return PostgresResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }
}
