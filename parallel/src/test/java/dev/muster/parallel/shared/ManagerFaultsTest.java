package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Managers.PATIENCE;
import static dev.muster.parallel.shared.Managers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.fuzz.LogCapture;
import dev.muster.parallel.QueueClosedException;
import dev.muster.parallel.wire.Addresses;
import dev.muster.parallel.wire.LinkOptions;
import dev.muster.parallel.wire.LinkServer;
import dev.muster.parallel.wire.Relay;
import dev.muster.parallel.wire.SharedKey;
import dev.muster.parallel.wire.TypeFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Processes that are killed, networks that fail, strangers.
@SuppressWarnings("LockNotBeforeTry")
@Timeout(180)
class ManagerFaultsTest {
    @Test
    void aLockKeepsTwoProcessesApart() throws Exception {
        try (var manager = Managers.listen();
                var first = ManagerProgram.start("count", manager.address(), "300");
                var second = ManagerProgram.start("count", manager.address(), "300");
                var client = Managers.connect(manager)) {
            assertThat(first.lines()).containsExactly("done");
            assertThat(second.lines()).containsExactly("done");

            assertThat(client.counter("counter").get()).isEqualTo(600);
        }
    }

    @Test
    void allWhoWaitAreToldWhenTheManagerIsKilled() throws Exception {
        try (var manager = ManagerProgram.start("serve");
                var client = SharedClient.connect(manager.line(), Managers.KEY)) {
            client.lock("lock").lock();
            var waiting =
                    List.of(
                            start(() -> client.queue("values", String.class).take()),
                            start(() -> client.lock("lock").tryLock(PATIENCE)),
                            start(() -> client.barrier("start", 2).await()),
                            start(() -> client.event("ready").await(PATIENCE)));
            waiting.forEach(Managers.Running::awaitWaiting);

            manager.kill();

            for (var one : waiting) {
                assertThat(one.failure())
                        .isInstanceOf(ManagerLostException.class)
                        .hasMessageContainingAll("the manager is lost", "connect again");
            }
            assertThatThrownBy(() -> client.lock("lock").unlock())
                    .as("who believes to have the lock is told")
                    .isInstanceOf(ManagerLostException.class);
            assertThatThrownBy(() -> client.counter("counter").increment())
                    .isInstanceOf(ManagerLostException.class);
        }
    }

    @Test
    void theLocksAndPermitsOfAKilledClientAreReleased() throws Exception {
        try (var manager = Managers.listen();
                var client = Managers.connect(manager);
                var locking = ManagerProgram.start("lock", manager.address());
                var holding = ManagerProgram.start("permits", manager.address())) {
            locking.line();
            holding.line();
            var lock = client.lock("lock");
            var semaphore = client.semaphore("slots", 3);
            assertThat(lock.tryLock()).isFalse();
            assertThat(semaphore.available()).isEqualTo(1);

            locking.kill();
            holding.kill();

            assertThat(lock.tryLock(PATIENCE)).isTrue();
            assertThat(semaphore.tryAcquire(3, PATIENCE)).isTrue();
        }
    }

    @Test
    void theBarrierAtWhichAKilledClientWaitsIsBroken() throws Exception {
        try (var manager = Managers.listen();
                var client = Managers.connect(manager);
                var coming = ManagerProgram.start("barrier", manager.address())) {
            var barrier = client.barrier("start", 3);
            coming.line();
            var waiting = start(barrier::await);
            await().atMost(PATIENCE).until(() -> barrier.waiting() == 2);

            coming.kill();

            assertThat(waiting.failure()).isInstanceOf(BrokenBarrierException.class);
        }
    }

    @Test
    void aKilledClientTakesNothingAnyMore() throws Exception {
        try (var manager = Managers.listen();
                var client = Managers.connect(manager);
                var taking = ManagerProgram.start("take", manager.address())) {
            var queue = client.queue("values", String.class);
            taking.line();
            taking.kill();
            queue.put("a");

            // The manager may hear of the end after the value has come; then it comes back.
            assertThat(queue.poll(PATIENCE)).contains("a");
        }
    }

    /// Values that a killed client has not got are got by the others, in whatever moment it dies.
    @Test
    void valuesAreTakenByTheOthersWhenClientsAreKilledAtRandom() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var values = 3_000;
        var kills = 4;
        try (var manager = Managers.listen();
                var client = Managers.connect(manager)) {
            var queue = client.queue("numbers", Integer.class, 50);
            var putting =
                    start(() -> {
                        for (var number = 0; number < values; number++) {
                            queue.put(number);
                        }
                        return null;
                    });
            var collected = new ArrayList<Integer>();
            for (var kill = 0; kill < kills; kill++) {
                try (var collecting = ManagerProgram.start("collect", manager.address())) {
                    for (var left = 1 + random.nextInt(200); left > 0; left--) {
                        collected.add(Integer.parseInt(collecting.line()));
                    }
                    collecting.kill();
                    collecting.lines().stream()
                            .filter(line -> !line.isEmpty())
                            .map(Integer::parseInt)
                            .forEach(collected::add);
                }
            }
            var rest =
                    start(() -> {
                        var list = new ArrayList<Integer>();
                        queue.forEach(list::add);
                        return list;
                    });
            putting.get();
            queue.close();
            collected.addAll(rest.get());

            // A client dies with at most one value in its hands: got and not printed yet, or
            // printed while the manager has not heard yet that it was got.
            var different = new HashSet<>(collected);
            assertThat(values - different.size()).as("lost, seed %d", seed).isBetween(0, kills);
            assertThat(collected.size() - different.size())
                    .as("twice, seed %d", seed)
                    .isLessThanOrEqualTo(kills);
        }
    }

    @Test
    void aCutNetworkIsNoticedOnBothSides() throws Exception {
        var options = Managers.OPTIONS.withSilence(Duration.ofMillis(500));
        try (var manager = SharedManager.listen("127.0.0.1:0", options);
                var relay = new Relay(Addresses.parse(manager.address()));
                var far = SharedClient.connect(relay.text(), options, TypeFilter.DATA);
                var near = Managers.connect(manager)) {
            far.lock("lock").lock();
            var queue = near.queue("values", String.class);
            var taking = start(() -> far.queue("values", String.class).take()).awaitWaiting();

            relay.swallow();
            queue.put("a");

            assertThat(near.lock("lock").tryLock(PATIENCE)).isTrue();
            assertThat(taking.failure())
                    .isInstanceOf(ManagerLostException.class)
                    .hasMessageContaining("nothing was heard");
            assertThat(queue.poll(PATIENCE)).contains("a");
            assertThatThrownBy(() -> far.lock("lock").unlock())
                    .isInstanceOf(ManagerLostException.class);
        }
    }

    @Test
    void aBrokenConnectionIsToldAtOnce() throws Exception {
        try (var manager = Managers.listen();
                var relay = new Relay(Addresses.parse(manager.address()));
                var far = SharedClient.connect(relay.text(), Managers.KEY);
                var near = Managers.connect(manager)) {
            far.lock("lock").lock();
            var taking = start(() -> far.queue("values", String.class).take()).awaitWaiting();

            relay.cut();

            assertThat(taking.failure()).isInstanceOf(ManagerLostException.class);
            assertThat(near.lock("lock").tryLock(PATIENCE)).isTrue();
        }
    }

    @Test
    void cutsAtRandomMomentsLoseNoValue() throws Exception {
        var seed = System.nanoTime();
        var random = new Random(seed);
        var values = 2_000;
        try (var manager = Managers.listen();
                var relay = new Relay(Addresses.parse(manager.address()));
                var near = Managers.connect(manager)) {
            var queue = near.queue("numbers", Integer.class, 20);
            var putting =
                    start(() -> {
                        for (var number = 0; number < values; number++) {
                            queue.put(number);
                        }
                        queue.close();
                        return null;
                    });
            var taken = new ConcurrentLinkedQueue<Integer>();
            var cuts = 0;
            for (var hasEnded = false; !hasEnded; cuts++) {
                try (var far = SharedClient.connect(relay.text(), Managers.KEY)) {
                    var numbers = far.queue("numbers", Integer.class);
                    var enough = new CountDownLatch(1);
                    var until = random.nextInt(200);
                    var taking =
                            start(() -> {
                                try {
                                    for (var count = 0; true; count++) {
                                        taken.add(numbers.take());
                                        if (count == until) {
                                            enough.countDown();
                                        }
                                    }
                                } finally {
                                    enough.countDown();
                                }
                            });
                    enough.await();
                    relay.cut();
                    hasEnded = taking.failure() instanceof QueueClosedException;
                }
            }
            putting.get();

            // One that was on its way when the connection broke may come twice.
            var different = new HashSet<>(taken);
            assertThat(different)
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, values).boxed().toList());
            assertThat(taken.size() - different.size())
                    .as("twice, seed %d", seed)
                    .isLessThanOrEqualTo(cuts);
        }
    }

    @Test
    void aWrongKeyIsRefusedWithAClearMessage() {
        try (var manager = Managers.listen();
                var log = new LogCapture(LinkServer.class)) {
            assertThatThrownBy(() -> SharedClient.connect(manager.address()))
                    .isInstanceOf(ManagerException.class)
                    .hasMessageContainingAll(
                            "the key is not that of " + manager.address(), "has no key");
            assertThatThrownBy(() ->
                            SharedClient.connect(
                                    manager.address(), SharedKey.ofText("incorrect horse battery")))
                    .isInstanceOf(ManagerException.class)
                    .hasMessageContaining("the key is not that of");

            await().untilAsserted(() -> assertThat(log.warnings()).hasSize(1));
        }
    }

    @Test
    void beyondLoopbackItWantsAKey() {
        assertThatThrownBy(() -> SharedManager.listen("0.0.0.0:0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without a key everybody on the network could use 0.0.0.0:0");
        try (var manager = SharedManager.listen("127.0.0.1:0");
                var client = SharedClient.connect(manager.address())) {
            assertThat(client.counter("counter").increment()).isEqualTo(1);
            assertThatThrownBy(() -> SharedManager.listen(manager.address()))
                    .isInstanceOf(ManagerException.class)
                    .hasMessageContaining("cannot listen at " + manager.address());
        }
    }

    @Test
    void aManagerThatIsNotThereIsToldAtOnce() {
        var manager = SharedManager.listen("127.0.0.1:0", LinkOptions.DEFAULT);
        var address = manager.address();
        manager.close();
        manager.close();

        assertThatThrownBy(() -> SharedClient.connect(address))
                .isInstanceOf(ManagerException.class)
                .hasMessageContaining("no connection to " + address);
    }
}
