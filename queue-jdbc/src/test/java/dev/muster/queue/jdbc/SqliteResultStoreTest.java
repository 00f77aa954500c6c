package dev.muster.queue.jdbc;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.ClaimStoreContract;
import dev.muster.testkit.GroupStoreContract;
import dev.muster.testkit.RateStoreContract;
import dev.muster.testkit.ResultStoreContract;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteResultStoreTest extends ResultStoreContract {
    @TempDir private Path folder;

    @Override
    protected ResultStore openStore(Duration expires) {
        return Databases.store("sqlite:" + folder.resolve("queue.db"), expires);
    }

    private long rows(String table) throws SQLException {
        try (var connection =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("queue.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            return rows.getLong(1);
        }
    }

    @Test
    void theTaskForItDeletesAllThatHasExpiredAndNothingElse() throws Exception {
        var kept = newId();
        store(success(kept, "kept"));
        worker().claims().orElseThrow().claim("kept", "owner", Duration.ofHours(1));
        worker().rates().orElseThrow().reserve("kept", Duration.ofHours(1), 1);
        var expiring = openStore(Duration.ofMillis(1));
        for (var number = 0; number < 3; number++) {
            expiring.store(success(newId(), number), null);
            expiring.groups().orElseThrow().save(newId(), List.of());
            expiring.claims().orElseThrow().claim(newId(), "owner", Duration.ofMillis(1));
            expiring.rates().orElseThrow().reserve(newId(), Duration.ofNanos(1_000), 1);
        }
        expiring.close();

        var settings = Settings.DEFAULT.with("broker_url", "sqlite:" + folder.resolve("queue.db"));
        try (var muster = Muster.builder().settings(settings).build();
                var _ = muster.worker().start()) {
            muster.send(call("celery.backend_cleanup"));

            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(rows("muster_result")).isEqualTo(1);
                        assertThat(rows("muster_group")).isZero();
                        assertThat(rows("muster_claim")).isEqualTo(1);
                        assertThat(rows("muster_rate")).isEqualTo(1);
                    });
        }
        assertThat(fetched(kept).result()).isEqualTo("kept");
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
