package dev.muster.queue.jdbc;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.Muster;
import dev.muster.queue.Task.Unique;
import dev.muster.queue.spi.MusterException;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.OnceOnlyContract;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteOnceOnlyTest extends OnceOnlyContract {
    @TempDir private Path folder;

    @Override
    protected String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }

    @Test
    void aUniqueCallIsNotSentInATransactionThatMayBeRolledBack() throws Exception {
        var settings = Settings.DEFAULT.with("broker_url", url());
        try (var muster = Muster.builder().settings(settings).build();
                var transaction = DriverManager.getConnection("jdbc:" + url())) {
            transaction.setAutoCommit(false);
            var unique = call("tasks.any", 1).queue("apart").unique(Unique.DROP);

            assertThatThrownBy(() -> muster.send(transaction, unique))
                    .isInstanceOf(MusterException.class)
                    .hasMessageContaining("unique(Task.Unique.NO)");
            muster.send(transaction, unique.unique(Unique.NO));
            transaction.commit();

            assertThat(muster.queueLength("apart")).isEqualTo(1);
        }
    }
}
