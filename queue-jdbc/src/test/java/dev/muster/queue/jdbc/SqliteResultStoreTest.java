package dev.muster.queue.jdbc;

import dev.muster.queue.spi.ResultStore;
import dev.muster.testkit.ClaimStoreContract;
import dev.muster.testkit.GroupStoreContract;
import dev.muster.testkit.RateStoreContract;
import dev.muster.testkit.ResultStoreContract;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class SqliteResultStoreTest extends ResultStoreContract {
    @TempDir private Path folder;

    @Override
    protected ResultStore openStore(Duration expires) {
        return Databases.store("sqlite:" + folder.resolve("queue.db"), expires);
    }

    @Nested
    class Groups extends GroupStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return SqliteResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Claims extends ClaimStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return SqliteResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Rates extends RateStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return SqliteResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }
}
