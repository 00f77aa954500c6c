package dev.muster.testkit.simulation;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Worker;
import dev.muster.queue.Workflow;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One history: clients send, workers work, things go wrong, and in the end all is well and every
/// accepted task is accounted for. All of it follows from the seed.
final class History {
    private static final Duration TROUBLE = Duration.ofSeconds(60);

    /// Longer than all retries, leases and pauses together.
    private static final Duration PATIENCE = Duration.ofHours(2);

    private static final Duration LONGEST_RUN = Duration.ofMinutes(2);

    private static final String QUEUE = "celery";

    private final Random random;
    private final Simulation simulation;
    private final Ledger ledger;
    private final Server server;
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final List<Machine> workers = new ArrayList<>();

    /// Those that were told to end.
    private final List<Machine> ending = new ArrayList<>();

    private int clientsAtWork;
    private int numbers;

    /// A node that works.
    private static final class Machine {
        private final Node node;
        private final Muster muster;
        private @Nullable Worker worker;
        private boolean ended;

        Machine(Node node, Muster muster) {
            this.node = node;
            this.muster = muster;
        }
    }

    History(long seed, boolean traced) {
        this(seed, traced, false);
    }

    /// @param forgetful see [Server.Faults]
    History(long seed, boolean traced, boolean forgetful) {
        random = new Random(seed);
        simulation = new Simulation(random);
        ledger = new Ledger(simulation, traced);
        server =
                new Server(
                        simulation,
                        random,
                        ledger,
                        new Server.Faults(
                                oneOf(0.0, 0.0, 0.01, 0.05),
                                Duration.ofSeconds(oneOf(0, 0, 5, 30)),
                                random.nextBoolean(),
                                forgetful));
        settings.put("broker_url", "simulated:");
        settings.put("worker_enable_remote_control", false);
        settings.put("worker_prefetch_multiplier", oneOf(1, 1, 2, 4));
        settings.put("worker_cancel_long_running_tasks_on_connection_loss", random.nextBoolean());
        settings.put("worker_deduplicate_successful_tasks", random.nextBoolean());
    }

    @SafeVarargs
    private <T> T oneOf(T... values) {
        return values[random.nextInt(values.length)];
    }

    /// @return the laws that are broken
    List<String> run() {
        IntStream.range(0, oneOf(1, 2, 3)).forEach(_ -> startWorker());
        IntStream.range(0, oneOf(1, 1, 2)).forEach(_ -> startClient());
        IntStream.range(0, oneOf(0, 2, 5, 10))
                .forEach(_ -> simulation.after(upTo(TROUBLE), this::trouble));
        simulation.after(TROUBLE, this::end);
        if (isOverSoon()) {
            // A run whose message came back long ago may still be under way, and send its retry.
            var _ = simulation.runUntil(() -> false, LONGEST_RUN);
        }
        ledger.require(isOverSoon(), () -> "something does not come to its end");
        check();
        stop();
        return ledger.broken();
    }

    List<String> trace() {
        return ledger.trace();
    }

    long steps() {
        return simulation.steps();
    }

    int accepted() {
        return ledger.accepted().size();
    }

    long runsAgain() {
        return ledger.runsAgain();
    }

    private Duration upTo(Duration most) {
        return Duration.ofNanos((long) (random.nextDouble() * most.toNanos()));
    }

    private Muster muster(Node node) {
        var own = new Muster[1];
        own[0] =
                Muster.builder()
                        .settings(Settings.DEFAULT.withAll(settings))
                        .clock(node)
                        .register(new SimulatedTasks(node, random, ledger, () -> own[0]))
                        .build();
        return own[0];
    }

    private void startWorker() {
        var node = new Node(simulation, "worker-" + ++numbers, server);
        var machine = new Machine(node, muster(node));
        workers.add(machine);
        var slots = oneOf(1, 1, 2, 3);
        node.start(
                "main",
                () ->
                        machine.worker =
                                machine.muster
                                        .worker()
                                        .queues(QUEUE)
                                        .concurrency(slots)
                                        .hostname(node.toString())
                                        .heartbeat(Duration.ZERO)
                                        .start());
    }

    private void startClient() {
        var node = new Node(simulation, "client-" + ++numbers, server);
        var muster = muster(node);
        var count = oneOf(1, 2, 4, 8);
        clientsAtWork++;
        node.start(
                "main",
                () -> {
                    for (var sent = 0; sent < count; sent++) {
                        sleep(node, upTo(TROUBLE.dividedBy(count)));
                        send(muster);
                    }
                    clientsAtWork--;
                });
    }

    private void send(Muster muster) {
        var number = ++numbers;
        var what =
                oneOf("early", "late", "stubborn", "failing", "chain", "chord", "later", "parent");
        Workflow<?> work =
                switch (what) {
                    case "chain" ->
                            call(SimulatedTasks.LATE, number)
                                    .then(call(SimulatedTasks.STUBBORN))
                                    .then(call(SimulatedTasks.LATE));
                    case "chord" ->
                            group(
                                            List.of(
                                                    call(SimulatedTasks.LATE, number),
                                                    call(SimulatedTasks.STUBBORN, number),
                                                    call(SimulatedTasks.LATE, number)))
                                    .then(call(SimulatedTasks.SUM));
                    case "later" ->
                            call(SimulatedTasks.LATE, number)
                                    .countdown(Duration.ofSeconds(random.nextInt(30)));
                    default -> call(what, number);
                };
        try {
            var result = muster.send(work);
            ledger.accepted(
                    result.id(),
                    new Ledger.Accepted(
                            what,
                            switch (what) {
                                case "failing" -> Optional.empty();
                                case "chord" -> Optional.of(3 * number);
                                default -> Optional.of(number);
                            }));
        } catch (BrokerException | ResultStoreException e) {
            ledger.note(() -> "refused %s %d".formatted(what, number)); // the client knows
        }
    }

    private static void sleep(Node node, Duration duration) {
        try {
            var _ = node.await(new CountDownLatch(1), duration);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void trouble() {
        var machine = workers.get(random.nextInt(workers.size()));
        var node = machine.node;
        switch (random.nextInt(8)) {
            case 0 -> kill(machine);
            case 1 -> {
                ledger.note(() -> "%s hangs".formatted(node));
                node.suspend();
                simulation.after(upTo(Duration.ofSeconds(40)), node::resume);
                if (random.nextBoolean()) {
                    simulation.after(upTo(Duration.ofSeconds(40)), node.broker()::cut);
                }
            }
            case 2 -> {
                ledger.note(() -> "%s is cut off".formatted(node));
                node.broker().cut();
            }
            case 3 -> {
                ledger.note(() -> "the broker is away");
                server.setBrokerAway(true);
                simulation.after(upTo(Duration.ofSeconds(20)), () -> server.setBrokerAway(false));
            }
            case 4 -> {
                ledger.note(() -> "the store is away");
                server.setStoreAway(true);
                simulation.after(upTo(Duration.ofSeconds(20)), () -> server.setStoreAway(false));
            }
            case 5 -> replace(machine, "stops", Worker::stop);
            case 6 -> replace(machine, "quits", Worker::quit);
            default -> {
                ledger.note(() -> "the clock of %s jumps".formatted(node));
                ledger.clockJumps();
                node.jump(Duration.ofSeconds(random.nextInt(20) - 10));
            }
        }
    }

    private void kill(Machine machine) {
        ledger.note(() -> "%s is killed".formatted(machine.node));
        machine.node.kill();
        remove(machine);
    }

    private void remove(Machine machine) {
        machine.ended = true;
        if (workers.remove(machine)) {
            startWorker();
        }
    }

    private void replace(Machine machine, String what, Consumer<Worker> how) {
        if (machine.worker != null && !machine.ended) {
            ledger.note(() -> "%s %s".formatted(machine.node, what));
            end(machine, how);
            remove(machine);
        }
    }

    private void end(Machine machine, Consumer<Worker> how) {
        ending.add(machine);
        machine.node.start(
                "end",
                () -> {
                    var worker = Objects.requireNonNull(machine.worker);
                    how.accept(worker);
                    var _ = worker.awaitStopped(PATIENCE);
                    machine.muster.close();
                    machine.node.kill();
                });
    }

    /// Nothing goes wrong from now on.
    private void end() {
        ledger.note(() -> "all is well from now on");
        server.calm();
        workers.forEach(machine -> machine.node.resume());
    }

    private boolean isOverSoon() {
        return simulation.runUntil(this::isOver, PATIENCE);
    }

    private boolean isOver() {
        return clientsAtWork == 0
                && simulation.nanoTime() > TROUBLE.toNanos()
                && ledger.accepted().keySet().stream().allMatch(this::hasEnded)
                && ledger.unsettled() == 0;
    }

    private boolean hasEnded(String id) {
        return ledger.mayBeLost(id)
                || server.store().fetch(id).filter(record -> record.state().isReady()).isPresent();
    }

    private void check() {
        ledger.accepted()
                .forEach((id, work) -> {
                    var record = server.store().fetch(id);
                    if (record.isEmpty() || !record.get().state().isReady()) {
                        ledger.require(
                                ledger.mayBeLost(id),
                                () -> "%s %s is lost".formatted(work.what(), id));
                    } else if (work.value().isPresent()) {
                        var lost =
                                record.get().state().equals(State.FAILURE) && ledger.mayBeLost(id);
                        ledger.require(
                                lost || work.value().get().equals(number(record.get().result())),
                                () ->
                                        "%s %s has become %s %s"
                                                .formatted(
                                                        work.what(),
                                                        id,
                                                        record.get().state(),
                                                        String.valueOf(record.get().result())));
                    } else {
                        ledger.require(
                                record.get().state().equals(State.FAILURE),
                                () ->
                                        "%s %s has become %s"
                                                .formatted(work.what(), id, record.get().state()));
                    }
                });
    }

    private static @Nullable Object number(@Nullable Object value) {
        return value instanceof Number number ? number.intValue() : value;
    }

    /// Workers end soon, and leave nothing.
    private void stop() {
        workers.forEach(machine -> end(machine, Worker::stop));
        ledger.require(
                simulation.runUntil(
                        () -> ending.stream().allMatch(machine -> machine.node.isDead()), PATIENCE),
                () -> "a worker does not stop");
        ledger.require(server.broker().length(QUEUE) == 0, () -> "messages are left in the queue");
    }
}
