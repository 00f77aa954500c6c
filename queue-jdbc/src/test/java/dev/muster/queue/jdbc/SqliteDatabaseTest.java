package dev.muster.queue.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.Queue;
import dev.muster.queue.spi.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteDatabaseTest extends DatabaseBrokerContract {
    private static final Queue QUEUE = Queue.named("tasks");

    @TempDir private Path folder;

    @Override
    String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }

    @Override
    String jdbcUrl() {
        return "jdbc:sqlite:" + folder.resolve("queue.db") + "?foreign_keys=on";
    }

    private static void assertRefused(String url, String... words) {
        try (var broker = Databases.broker(url)) {
            assertThatThrownBy(() -> broker.declare(QUEUE))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.isTransient()).isFalse())
                    .hasMessageContaining(url)
                    .hasMessageContainingAll(words);
        }
    }

    @Test
    void aFolderIsNoDatabase() throws Exception {
        var taken = Files.createDirectory(folder.resolve("taken"));

        assertRefused("sqlite:" + taken, "it is a folder");

        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(taken));
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAlone() throws Exception {
        var file = folder.resolve("notes.txt");
        Files.writeString(file, "remember the milk\n".repeat(1_000));

        assertRefused("sqlite:" + file, "not an intact SQLite database", "another file");

        assertThat(file).hasContent("remember the milk\n".repeat(1_000));
    }

    @Test
    void aFileInTheWayOfTheFolderIsNamed() throws Exception {
        Files.writeString(folder.resolve("file"), "");

        assertRefused("sqlite:" + folder.resolve("file/queue.db"), "is a file");
    }

    @Test
    void theFolderOfTheFileIsMade() {
        try (var broker = Databases.broker("sqlite:" + folder.resolve("new/queue.db"))) {
            broker.declare(QUEUE);
        }

        assertThat(folder.resolve("new/queue.db")).exists();
    }

    @Test
    void moreMissingFoldersAreNamedAndNotMade() {
        var missing = folder.resolve("missing/of/it");

        assertRefused("sqlite:" + missing.resolve("queue.db"), "no folder " + missing, "create it");

        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite:", "sqlite::memory:", "sqlite://queue.db", "sqlite:a%3Fb"})
    void aUrlWithoutFileIsRefused(String url) {
        assertThatThrownBy(() -> Databases.broker(url)).isInstanceOf(SettingsException.class);
    }

    @Test
    void aTransactionOnAnotherFileIsRefused() throws Exception {
        try (var broker = Databases.broker(url());
                var other =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("other.db"));
                var source = Databases.broker("sqlite:" + folder.resolve("other.db"))) {
            broker.declare(QUEUE);
            source.declare(QUEUE);
            other.setAutoCommit(false);
            assertThatThrownBy(() ->
                            broker.transactions()
                                    .orElseThrow()
                                    .publish(
                                            other,
                                            List.of(),
                                            List.of(Databases.publication(QUEUE, "x"))))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("another file");
            other.rollback();
            assertThat(source.length(QUEUE.name())).isZero();
        }
    }

    @Test
    void aTransactionThatHasReadWhatChangedSinceIsToldSo() throws Exception {
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            try (var transaction = DriverManager.getConnection(jdbcUrl());
                    var statement = transaction.createStatement()) {
                transaction.setAutoCommit(false);
                statement.executeQuery("SELECT count(*) FROM muster_message").close();
                broker.publish(List.of(Databases.publication(QUEUE, "other")));

                assertThatThrownBy(() ->
                                broker.transactions()
                                        .orElseThrow()
                                        .publish(
                                                transaction,
                                                List.of(),
                                                List.of(Databases.publication(QUEUE, "x"))))
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining("roll it back");
                transaction.rollback();
                broker.transactions()
                        .orElseThrow()
                        .publish(
                                transaction, List.of(), List.of(Databases.publication(QUEUE, "x")));
                transaction.commit();
            }
            assertThat(broker.length(QUEUE.name())).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DEFERRED, false, false",
        "DEFERRED, true, false",
        "DEFERRED, true, true",
        "IMMEDIATE, false, false",
        "IMMEDIATE, true, false"
    })
    void aTransactionMakesTheQueueThatItSendsTo(String mode, boolean hasWritten, boolean isThere)
            throws Exception {
        try (var broker = Databases.broker(url())) {
            if (isThere) { // the file with its tables, but not the queue
                assertThat(broker.length(QUEUE.name())).isZero();
            }
            try (var transaction =
                            DriverManager.getConnection(jdbcUrl() + "&transaction_mode=" + mode);
                    var statement = transaction.createStatement()) {
                transaction.setAutoCommit(false);
                for (var commits : List.of(false, true, true)) {
                    if (hasWritten) {
                        statement.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER)");
                    }
                    broker.transactions()
                            .orElseThrow()
                            .publish(
                                    transaction,
                                    List.of(QUEUE),
                                    List.of(Databases.publication(QUEUE, "x")));
                    if (commits) {
                        transaction.commit();
                    } else {
                        transaction.rollback();
                    }
                }
            }
            assertThat(broker.length(QUEUE.name())).isEqualTo(2);
        }
    }

    @Test
    void aDeletedWakeFolderIsMadeAgain() throws Exception {
        try (var reader = Databases.broker(url());
                var writer = Databases.broker(url())) {
            reader.declare(QUEUE);
            try (var consumer = reader.consume(List.of(QUEUE), 0)) {
                for (var round = 0; round < 5; round++) {
                    try (var files = Files.list(folder.resolve("queue.db-wake"))) {
                        for (var file : files.toList()) {
                            Files.delete(file);
                        }
                    }
                    Files.deleteIfExists(folder.resolve("queue.db-wake"));
                    writer.publish(List.of(Databases.publication(QUEUE, "m" + round)));
                    assertThat(consumer.take(1, PATIENCE))
                            .extracting(DatabaseBrokerContract::body)
                            .containsExactly("m" + round);
                }
            }
        }
    }

    @Test
    void aFullDiskIsSaidAndPasses() throws Exception {
        try (var broker = Databases.broker(url())) {
            broker.declare(QUEUE);
            var failure =
                    new SqliteDialect(folder.resolve("queue.db"), InstantSource.system())
                            .explain(new SQLiteException("full", SQLiteErrorCode.SQLITE_FULL));
            assertThat(failure.message()).contains("disk is full");
            assertThat(failure.isTransient()).isTrue();
        }
    }

    @Test
    void aSecondBrokerOfTheProcessOutlivesTheFirst() {
        var first = Databases.broker(url(), Duration.ofSeconds(5));
        first.declare(QUEUE);
        try (var second = Databases.broker(url())) {
            second.declare(QUEUE);
            first.close();
            second.publish(List.of(Databases.publication(QUEUE, "x")));
            assertThat(second.length(QUEUE.name())).isEqualTo(1);
        }
        assertThatThrownBy(() -> first.length(QUEUE.name()))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("closed");
    }
}
