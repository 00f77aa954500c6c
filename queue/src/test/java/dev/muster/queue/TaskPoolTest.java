package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.TaskPool.Work;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void fewerRunAtOnceFromTheNextOnWhenThereAreFewerSlots(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 3)) {
            var mayEnd = new Semaphore(0);
            var running = new AtomicInteger();
            var ended = new AtomicInteger();
            for (var work = 0; work < 8; work++) {
                pool.execute(_ -> {
                    running.incrementAndGet();
                    mayEnd.acquireUninterruptibly();
                    running.decrementAndGet();
                    ended.incrementAndGet();
                });
            }
            await().until(() -> running.get() == 3);

            pool.resize(1);
            mayEnd.release(3);
            await().until(() -> mayEnd.availablePermits() == 0);

            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.get() == 1);
            pool.resize(2);
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.get() == 2);
            mayEnd.release(5);
            await().until(() -> ended.get() == 8);
        }
    }

    /// As a message may still be on its way from the broker when a worker quits.
    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void whatComesAfterTheEndIsRun(Worker.Pool kind) throws Exception {
        var pool = TaskPool.of(kind, 1);
        pool.close();
        var ran = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Work work =
                _ -> {
                    threads.add(Thread.currentThread());
                    ran.countDown();
                };

        pool.execute(work);
        pool.execute(work);

        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    @ParameterizedTest
    @EnumSource(names = {"THREADS", "SOLO"})
    void noMoreThreadsAreMadeThanThereAreSlotsAndTheyEndWithThePool(Worker.Pool kind)
            throws Exception {
        var slots = kind == Worker.Pool.SOLO ? 1 : 3;
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var pool = TaskPool.of(kind, slots);
        for (var round = 0; round < 1000; round++) {
            var done = new CountDownLatch(slots);
            for (var work = 0; work < slots; work++) {
                pool.execute(_ -> {
                    threads.add(Thread.currentThread());
                    done.countDown();
                });
            }
            awaitIt(done); // the next find its thread about to rest
        }
        assertThat(threads).hasSizeBetween(1, slots).noneMatch(Thread::isVirtual);

        var mayEnd = new CountDownLatch(1);
        pool.execute(_ -> awaitIt(mayEnd));
        pool.close();
        mayEnd.countDown();

        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS", "SOLO"})
    void aThreadWhoseSlotWasGivenUpEndsWithItsWork(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 1)) {
            var stuck = new CompletableFuture<Thread>();
            var mayEnd = new CountDownLatch(1);
            pool.execute(slot -> {
                slot.giveUp();
                stuck.complete(Thread.currentThread());
                awaitIt(mayEnd);
            });
            var next = new CompletableFuture<Thread>();
            pool.execute(_ -> next.complete(Thread.currentThread()));
            assertThat(next.get(30, TimeUnit.SECONDS)).isNotEqualTo(stuck.get());

            mayEnd.countDown();

            await().until(() -> !stuck.get().isAlive());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void whatFailsTakesNoSlotAway(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 1)) {
            var ran = new CountDownLatch(1);
            for (var work = 0; work < 3; work++) {
                pool.execute(_ -> {
                    throw new StackOverflowError("on purpose");
                });
            }
            pool.execute(_ -> ran.countDown());

            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// The next task would inherit what was meant for the one at whose end its thread is made.
    @ParameterizedTest
    @EnumSource(names = {"VIRTUAL", "THREADS"})
    void aThreadInheritsNothingFromATask(Worker.Pool kind) throws Exception {
        var inherited = new InheritableThreadLocal<String>();
        var before = Thread.currentThread().getContextClassLoader();
        var loader = new ClassLoader(before) {};
        Thread.currentThread().setContextClassLoader(loader);
        try (var pool = TaskPool.of(kind, 1)) {
            var next = new CompletableFuture<String>();
            pool.execute(slot -> {
                inherited.set("secret");
                Thread.currentThread().setContextClassLoader(null);
                pool.execute(_ ->
                        next.complete(
                                inherited.get()
                                        + " "
                                        + Thread.currentThread().getContextClassLoader()));
                slot.giveUp();
            });

            assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("null " + loader);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"THREADS", "SOLO"})
    void aPoolThatShrinksLetsThreadsGoThatRest(Worker.Pool kind) throws Exception {
        try (var pool = TaskPool.of(kind, 1)) {
            pool.resize(3);
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            var running = new CountDownLatch(3);
            for (var work = 0; work < 3; work++) {
                pool.execute(_ -> {
                    threads.add(Thread.currentThread());
                    running.countDown();
                    awaitIt(running);
                });
            }
            awaitIt(running);
            await().until(() -> threads.stream().allMatch(TaskPoolTest::isWaiting));

            pool.resize(1);

            await().until(() -> threads.stream().filter(Thread::isAlive).count() == 1);
            var next = new CompletableFuture<Thread>();
            pool.execute(_ -> next.complete(Thread.currentThread()));
            assertThat(threads).contains(next.get(30, TimeUnit.SECONDS));
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fewerThreadsThanSlotsShareTheWork(boolean kept) throws Exception {
        var system = new ScarceThreads(1);
        try (var pool = new TaskPool.Threads(system, kept, 2)) {
            var mayEnd = new CountDownLatch(1);
            var first = new CompletableFuture<Thread>();
            pool.execute(_ -> {
                first.complete(Thread.currentThread());
                awaitIt(mayEnd);
            });
            var second = new CompletableFuture<Thread>();
            pool.execute(_ -> second.complete(Thread.currentThread()));
            assertThat(second).isNotDone();

            mayEnd.countDown();

            assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(first.get());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenThereAreThreadsAgainTheyAreUsed(boolean kept) throws Exception {
        var system = new ScarceThreads(1);
        try (var pool = new TaskPool.Threads(system, kept, 3)) {
            var all = new CountDownLatch(3);
            Work work =
                    _ -> {
                        all.countDown();
                        awaitIt(all);
                    };
            pool.execute(work);
            pool.execute(work);
            system.left.set(2);

            pool.execute(work);

            assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutAnyThreadTheWorkIsRunAside(boolean kept) throws Exception {
        try (var pool = new TaskPool.Threads(new ScarceThreads(0), kept, 2)) {
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            var running = new CountDownLatch(1);
            var mayEnd = new CountDownLatch(1);
            var ran = new CountDownLatch(3);
            pool.execute(_ -> {
                threads.add(Thread.currentThread());
                running.countDown();
                awaitIt(mayEnd);
                ran.countDown();
            });
            awaitIt(running);
            for (var work = 0; work < 2; work++) {
                pool.execute(_ -> {
                    threads.add(Thread.currentThread());
                    ran.countDown();
                });
            }
            mayEnd.countDown();

            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(threads).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWaitsForASlotThatIsGivenUpRunsThoughThereIsNoThread(boolean kept) throws Exception {
        try (var pool = new TaskPool.Threads(new ScarceThreads(1), kept, 1)) {
            var stuck = new CompletableFuture<TaskPool.Slot>();
            var mayEnd = new CountDownLatch(1);
            pool.execute(slot -> {
                stuck.complete(slot);
                awaitIt(mayEnd);
            });
            var next = new CountDownLatch(1);
            pool.execute(_ -> next.countDown());

            stuck.get().giveUp();

            assertThat(next.await(30, TimeUnit.SECONDS)).isTrue();
            mayEnd.countDown();
        }
    }

    /// Whose own slot another has by then, so that this one is one more.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThreadWhoseSlotWasGivenUpTakesWhatNoOtherCan(boolean kept) throws Exception {
        try (var pool = new TaskPool.Threads(new ScarceThreads(2), kept, 2)) {
            var stuck = new CompletableFuture<TaskPool.Slot>();
            var mayEnd = new CountDownLatch(1);
            var first = new CompletableFuture<Thread>();
            pool.execute(slot -> {
                first.complete(Thread.currentThread());
                stuck.complete(slot);
                awaitIt(mayEnd);
            });
            var never = new CountDownLatch(1);
            pool.execute(_ -> awaitIt(never));
            stuck.get().giveUp();
            var next = new CompletableFuture<Thread>();
            pool.execute(_ -> next.complete(Thread.currentThread()));

            mayEnd.countDown();

            assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(first.get());
            never.countDown();
        }
    }

    /// A system that gives only so many threads.
    private static final class ScarceThreads implements ThreadFactory {
        private final AtomicInteger left;

        private ScarceThreads(int count) {
            left = new AtomicInteger(count);
        }

        @Override
        public Thread newThread(Runnable body) {
            if (left.getAndDecrement() <= 0) {
                throw new OutOfMemoryError("unable to create native thread, on purpose");
            }
            return Thread.ofPlatform().daemon().unstarted(body);
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
