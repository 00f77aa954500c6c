package dev.muster.testkit.simulation;

import static dev.muster.queue.Canvas.call;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.TaskContext;
import dev.muster.queue.spi.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// What the workers of a simulation run. Each run is written down before it does anything else.
final class SimulatedTasks {
    static final String EARLY = "early";
    static final String LATE = "late";
    static final String STUBBORN = "stubborn";
    static final String FAILING = "failing";
    static final String SUM = "sum";
    static final String PARENT = "parent";

    static final String KEYED = "keyed";
    static final String KEYED_EARLY = "keyed-early";
    static final String SINGLE = "single";
    static final String SINGLE_EARLY = "single-early";
    static final String PACED = "paced";
    static final String PACED_TOGETHER = "paced-together";

    /// What those of a schedule have for a number.
    static final int SCHEDULED = -1;

    private static final Set<String> ACKNOWLEDGED_EARLY = Set.of(EARLY, KEYED_EARLY, SINGLE_EARLY);

    private static final Map<String, Duration> INTERVALS =
            Map.of(PACED, Duration.ofSeconds(2), PACED_TOGETHER, Duration.ofSeconds(3));

    private final Node node;
    private final Random random;
    private final Ledger ledger;
    private final Supplier<Muster> muster;

    SimulatedTasks(Node node, Random random, Ledger ledger, Supplier<Muster> muster) {
        this.node = node;
        this.random = random;
        this.ledger = ledger;
        this.muster = muster;
    }

    static boolean acksLate(String task) {
        return !ACKNOWLEDGED_EARLY.contains(task);
    }

    /// Between two starts of the task.
    static Optional<Duration> interval(String task) {
        return Optional.ofNullable(INTERVALS.get(task));
    }

    /// Whether all workers keep the rate of the task together.
    static boolean sharesRate(String task) {
        return task.equals(PACED_TOGETHER);
    }

    /// Whether the task waits for others with its idempotency key.
    static boolean mayWait(String task) {
        return task.equals(KEYED) || task.equals(KEYED_EARLY);
    }

    /// Whether nothing waits between taking the task up and running it.
    static boolean startsAtOnce(TaskContext task) {
        return acksLate(task.task()) && !mayWait(task.task()) && !task.redelivered();
    }

    @Task(name = EARLY, acksLate = Task.Toggle.OFF)
    int early(TaskContext task, int number) throws InterruptedException {
        work(task);
        return number;
    }

    @Task(name = LATE, acksLate = Task.Toggle.ON)
    int late(TaskContext task, int number) throws InterruptedException {
        work(task);
        return number;
    }

    /// Needs three tries.
    @Task(name = STUBBORN, acksLate = Task.Toggle.ON)
    int stubborn(TaskContext task, int number) throws InterruptedException {
        work(task);
        if (task.retries() < 2) {
            throw task.retry(Duration.ofSeconds(1));
        }
        return number;
    }

    @Task(name = FAILING, acksLate = Task.Toggle.ON)
    int failing(TaskContext task, int number) throws InterruptedException {
        work(task);
        throw new IllegalStateException("number " + number);
    }

    @Task(name = SUM, acksLate = Task.Toggle.ON)
    int sum(TaskContext task, List<Integer> numbers) throws InterruptedException {
        work(task);
        return numbers.stream().mapToInt(number -> number).sum();
    }

    /// Sends another, which is to be accounted for as well.
    @Task(name = PARENT, acksLate = Task.Toggle.ON)
    int parent(TaskContext task, int number) throws InterruptedException {
        work(task);
        try {
            var child = muster.get().send(call(LATE, number));
            ledger.accepted(child.id(), Ledger.Accepted.of("child", number));
        } catch (BrokerException e) {
            ledger.note(() -> "refused child %d".formatted(number)); // the task knows
        }
        return number;
    }

    @Task(name = KEYED, acksLate = Task.Toggle.ON)
    int keyed(TaskContext task, int number) throws InterruptedException {
        return once(task, number);
    }

    @Task(name = KEYED_EARLY, acksLate = Task.Toggle.OFF)
    int keyedEarly(TaskContext task, int number) throws InterruptedException {
        return once(task, number);
    }

    /// Every third needs a second try.
    private int once(TaskContext task, int number) throws InterruptedException {
        try (var _ = ledger.onceOnly().runs(task, node)) {
            work(task);
            if (number % 3 == 0 && task.retries() == 0) {
                throw task.retry(Duration.ofSeconds(1));
            }
            return number;
        }
    }

    @Task(name = SINGLE, acksLate = Task.Toggle.ON)
    int single(TaskContext task, int number) throws InterruptedException {
        return tryTwice(task, number);
    }

    @Task(name = SINGLE_EARLY, acksLate = Task.Toggle.OFF)
    int singleEarly(TaskContext task, int number) throws InterruptedException {
        return tryTwice(task, number);
    }

    private int tryTwice(TaskContext task, int number) throws InterruptedException {
        work(task);
        if (task.retries() == 0) {
            throw task.retry(Duration.ofSeconds(1));
        }
        return number;
    }

    @Task(name = PACED, acksLate = Task.Toggle.ON, rateLimit = "30/m")
    int paced(TaskContext task, int number) throws InterruptedException {
        work(task);
        return number;
    }

    @Task(
            name = PACED_TOGETHER,
            acksLate = Task.Toggle.ON,
            rateLimit = "20/m",
            rateLimitScope = Task.Scope.CLUSTER)
    int pacedTogether(TaskContext task, int number) throws InterruptedException {
        work(task);
        return number;
    }

    /// Takes no time, or a moment, or longer than the lease of a broker.
    private void work(TaskContext task) throws InterruptedException {
        ledger.runs(task, node);
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> {
                // The next step is its end.
            }
            case 4, 5, 6, 7, 8 -> sleep(Duration.ofMillis(random.nextInt(3_000)));
            default -> sleep(Duration.ofSeconds(random.nextInt(90)));
        }
    }

    private void sleep(Duration duration) throws InterruptedException {
        var _ = node.await(new CountDownLatch(1), duration);
    }
}
