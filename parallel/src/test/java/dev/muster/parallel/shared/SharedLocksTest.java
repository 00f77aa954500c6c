package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Managers.PATIENCE;
import static dev.muster.parallel.shared.Managers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Locks, semaphores, barriers and events.
// What is locked is not always unlocked: that is what is tested.
@SuppressWarnings("LockNotBeforeTry")
@Timeout(120)
class SharedLocksTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final SharedManager manager = Managers.listen();
    private final SharedClient client = Managers.connect(manager);
    private final SharedClient other = Managers.connect(manager);

    @AfterEach
    void close() {
        client.close();
        other.close();
        manager.close();
    }

    @Test
    void onlyOneThreadOfAllClientsHasALock() throws Exception {
        var running = new ArrayList<Managers.Running<Void>>();
        for (var which : List.of(client, other, client, other)) {
            Lock lock = which.lock("lock");
            var number = which.counter("number");
            running.add(
                    start(() -> {
                        for (var round = 0; round < 50; round++) {
                            lock.lock();
                            try {
                                number.set(number.get() + 1);
                            } finally {
                                lock.unlock();
                            }
                        }
                        return null;
                    }));
        }
        for (var one : running) {
            one.get();
        }

        assertThat(client.counter("number").get()).isEqualTo(200);
    }

    @Test
    void aLockBelongsToOneThreadWhichMayTakeItAgain() throws Exception {
        var lock = client.lock("lock");
        lock.lock();
        assertThat(lock.tryLock()).isTrue();

        // Neither another thread of this client, nor one of another.
        for (var which : List.of(client, other)) {
            assertThat(start(() -> which.lock("lock").tryLock(SHORT)).get()).isFalse();
            assertThat(
                            start(
                                            () -> {
                                                which.lock("lock").unlock();
                                                return null;
                                            })
                                    .failure())
                    .isInstanceOf(IllegalMonitorStateException.class);
        }
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isTrue();
        assertThat(start(() -> other.lock("lock").tryLock()).get()).isFalse();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(start(() -> other.lock("lock").tryLock()).get()).isTrue();
    }

    @Test
    void whoWaitsForALockCanBeInterrupted() throws Exception {
        client.lock("lock").lock();
        var waiting =
                start(
                                () -> {
                                    other.lock("lock").lockInterruptibly();
                                    return null;
                                })
                        .awaitWaiting();

        waiting.thread().interrupt();

        assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void anInterruptDoesNotEndLockButIsKept() throws Exception {
        client.lock("lock").lock();
        var waiting =
                start(
                                () -> {
                                    other.lock("lock").lock();
                                    return Thread.currentThread().isInterrupted();
                                })
                        .awaitWaiting();

        waiting.thread().interrupt();
        client.lock("lock").unlock();

        assertThat(waiting.get()).isTrue();
    }

    @Test
    void aSemaphoreHasItsPermitsForAllClientsTogether() throws Exception {
        var here = client.semaphore("slots", 3);
        var there = other.semaphore("slots", 3);
        here.acquire(2);
        there.acquire();

        assertThat(there.available()).isZero();
        assertThat(there.tryAcquire(1, SHORT)).isFalse();
        var waiting = start(() -> there.tryAcquire(2, PATIENCE)).awaitWaiting();
        here.release();
        assertThat(waiting.future()).isNotDone();
        here.release();

        assertThat(waiting.get()).isTrue();
        assertThat(here.available()).isZero();
    }

    @Test
    void whatAClientDoesNotHoldItCannotRelease() throws Exception {
        var semaphore = client.semaphore("slots", 3);
        semaphore.acquire(2);

        assertThatThrownBy(() -> semaphore.release(3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this client holds 2 permits, and cannot release 3");
        assertThatThrownBy(() -> other.semaphore("slots", 3).release())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> semaphore.acquire(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("4 permits of a semaphore that has 3");
    }

    @Test
    void aBarrierLetsAllGoTogetherAgainAndAgain() throws Exception {
        for (var round = 0; round < 3; round++) {
            var first = start(() -> client.barrier("start", 3).await()).awaitWaiting();
            var second = start(() -> other.barrier("start", 3).await(PATIENCE)).awaitWaiting();

            assertThat(client.barrier("start", 3).await()).isZero();
            assertThat(List.of(first.get(), second.get())).containsExactlyInAnyOrder(1, 2);
        }
    }

    @Test
    void whoGivesUpAtABarrierBreaksItForThoseWhoWaitAndNotForLaterOnes() throws Exception {
        var barrier = client.barrier("start", 3);
        var waiting = start(() -> other.barrier("start", 3).await());
        await().atMost(PATIENCE).until(() -> barrier.waiting() == 1);
        assertThatThrownBy(() -> client.barrier("start", 3).await(SHORT))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("not all 3 parties came in time");
        assertThat(waiting.failure()).isInstanceOf(BrokenBarrierException.class);

        var again = start(() -> other.barrier("start", 3).await());
        var interrupted = start(() -> client.barrier("start", 3).await());
        await().atMost(PATIENCE).until(() -> barrier.waiting() == 2);
        interrupted.thread().interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
        assertThat(again.failure()).isInstanceOf(BrokenBarrierException.class);
    }

    @Test
    void anEventWakesAllWhoWait() throws Exception {
        var here = client.event("ready");
        var waiting =
                List.of(
                        start(() -> other.event("ready").await(PATIENCE)).awaitWaiting(),
                        start(() -> client.event("ready").await(PATIENCE)).awaitWaiting());
        assertThat(here.isSet()).isFalse();
        assertThat(here.await(SHORT)).isFalse();

        here.set();
        for (var one : waiting) {
            assertThat(one.get()).isTrue();
        }
        other.event("ready").await();
        here.clear();

        assertThat(other.event("ready").isSet()).isFalse();
    }
}
