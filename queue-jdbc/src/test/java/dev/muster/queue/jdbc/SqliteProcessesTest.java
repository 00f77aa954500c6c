package dev.muster.queue.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Delivery;
import dev.muster.queue.spi.Queue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Several processes on one SQLite file.
@Timeout(180)
class SqliteProcessesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    private final Queue tasks = Queue.named("tasks");

    private String url() {
        return "sqlite:" + folder.resolve("queue.db");
    }

    /// Each way would take seconds if it were noticed by a look at intervals.
    @Test
    @Timeout(60)
    void processesWakeEachOther() throws Exception {
        var answers = Queue.named("answers");
        try (var broker = Databases.broker(url());
                var child = new ChildJvm(folder, "echo", url(), "tasks", "answers")) {
            broker.declare(tasks);
            broker.declare(answers);
            assertThat(child.readLine()).isEqualTo("ready");
            try (var consumer = broker.consume(List.of(answers), 1)) {
                for (var round = 0; round < 50; round++) {
                    broker.publish(List.of(Databases.publication(tasks, "m" + round)));
                    var taken = consumer.take(1, PATIENCE);
                    assertThat(taken).extracting(this::body).containsExactly("m" + round);
                    taken.forEach(Delivery::ack);
                }
            }
        }
    }

    @Test
    void whatWasAcceptedSurvivesAKillOfThePublisher() throws Exception {
        var random = new Random();
        var accepted = new HashSet<String>();
        for (var round = 0; round < 6; round++) {
            try (var first = new ChildJvm(folder, "publish", url(), "tasks");
                    var second = new ChildJvm(folder, "publish", url(), "tasks")) {
                accepted.add(first.readLine());
                accepted.add(second.readLine());
                pause(random.nextInt(300));
                first.kill();
                second.kill();
                accepted.addAll(completeLines(first.readAll()));
                accepted.addAll(completeLines(second.readAll()));
            }
        }

        var found = new ArrayList<String>();
        try (var broker = Databases.broker(url())) {
            broker.declare(tasks);
            try (var consumer = broker.consume(List.of(tasks), 0)) {
                var left = broker.length("tasks");
                while (found.size() < left) {
                    var taken = consumer.take(500, PATIENCE);
                    assertThat(taken).isNotEmpty();
                    taken.forEach(delivery -> found.add(body(delivery)));
                }
            }
        }
        assertThat(found).doesNotHaveDuplicates().containsAll(accepted);
        assertIntact();
    }

    /// The kill may have cut the last line.
    private static Set<String> completeLines(List<String> lines) {
        return new HashSet<>(lines.subList(0, Math.max(0, lines.size() - 1)));
    }

    @Test
    void killedWorkersLoseNothingAndNothingRunsTwiceAtATime() throws Exception {
        var count = 400;
        var seed = System.nanoTime();
        var random = new Random(seed);
        var ledger = Files.createDirectory(folder.resolve("ledger"));
        var warnings = new ArrayList<String>();
        try (var broker = Databases.broker(url())) {
            broker.declare(tasks);
            broker.publish(
                    IntStream.range(0, count)
                            .mapToObj(n -> Databases.publication(tasks, "t" + n))
                            .toList());
            var workers = new ArrayList<ChildJvm>();
            try {
                for (var number = 0; number < 3; number++) {
                    workers.add(worker(ledger));
                }
                for (var kills = 0; kills < 12; kills++) {
                    pause(100 + random.nextInt(400));
                    var victim = workers.remove(random.nextInt(workers.size()));
                    victim.kill();
                    warnings.addAll(victim.readAll());
                    workers.add(worker(ledger));
                }
                while (done(ledger) < count) {
                    pause(100);
                }
            } finally {
                for (var worker : workers) {
                    worker.kill();
                    warnings.addAll(worker.readAll());
                    worker.close();
                }
            }
        }
        assertThat(warnings).as("seed %d", seed).isEmpty();
        assertIntact();
    }

    private ChildJvm worker(Path ledger) throws Exception {
        return new ChildJvm(folder, "work", url(), "tasks", ledger.toString());
    }

    private static long done(Path ledger) throws Exception {
        try (var files = Files.list(ledger)) {
            return files.filter(file -> file.getFileName().toString().startsWith("done-")).count();
        }
    }

    @Test
    void fourProcessesOfEightThreadsNeverFindTheFileBusy() throws Exception {
        var children = new ArrayList<ChildJvm>();
        try {
            for (var number = 0; number < 4; number++) {
                children.add(new ChildJvm(folder, "hammer", url(), "tasks", "60"));
            }
            for (var child : children) {
                assertThat(child.readAll()).isEmpty();
                assertThat(child.await()).isZero();
            }
        } finally {
            for (var child : children) {
                child.close();
            }
        }
        assertIntact();
    }

    private void assertIntact() throws Exception {
        try (var connection =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("queue.db"));
                var statement = connection.createStatement();
                var answer = statement.executeQuery("PRAGMA integrity_check")) {
            assertThat(answer.next()).isTrue();
            assertThat(answer.getString(1)).isEqualTo("ok");
        }
    }

    /// Lets the children run.
    private static void pause(int millis) throws InterruptedException {
        assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
    }

    private String body(Delivery delivery) {
        return new String(delivery.message().body(), UTF_8);
    }
}
