package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TaskPoolTest {
    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void whoGivesUpWhatHasEndedGivesNobodyElsesSlotAway(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 1)) {
            var ended = new CompletableFuture<TaskPool.Slot>();
            var mayEnd = new CountDownLatch(1);
            var second = new CountDownLatch(1);
            var secondMayEnd = new CountDownLatch(1);
            var thirdRuns = new AtomicBoolean();
            pool.execute(slot -> {
                ended.complete(slot);
                awaitIt(mayEnd);
            });
            pool.execute(_ -> {
                second.countDown();
                awaitIt(secondMayEnd);
            });
            mayEnd.countDown(); // its thread goes on with the second
            assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();

            ended.get().giveUp();
            pool.execute(_ -> thirdRuns.set(true));

            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(30))
                    .untilFalse(thirdRuns);
            secondMayEnd.countDown();
            await().untilTrue(thirdRuns);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void theSlotOfWorkThatIsGivenUpGoesToOneOther(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 1)) {
            var stuck = new CompletableFuture<TaskPool.Slot>();
            var mayEnd = new CountDownLatch(1);
            var second = new CountDownLatch(1);
            var thirdRuns = new AtomicBoolean();
            pool.execute(slot -> {
                stuck.complete(slot);
                awaitIt(mayEnd);
            });
            pool.execute(_ -> {
                second.countDown();
                awaitIt(mayEnd);
            });
            pool.execute(_ -> thirdRuns.set(true));

            stuck.get().giveUp();
            stuck.get().giveUp();

            assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(30))
                    .untilFalse(thirdRuns);
            mayEnd.countDown();
            await().untilTrue(thirdRuns);
        }
    }

    private static void awaitIt(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
