package dev.muster.testkit.simulation;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Beat;
import dev.muster.queue.Muster;
import dev.muster.queue.ScheduleEntry;
import dev.muster.queue.Task;
import dev.muster.queue.Worker;
import dev.muster.queue.Workflow;
import dev.muster.queue.schedule.Interval;
import dev.muster.queue.schedule.MissedRuns;
import dev.muster.queue.schedule.Schedule;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One history: clients send, workers work, things go wrong, and in the end all is well and every
/// accepted task is accounted for. All of it follows from the seed.
final class History {
    private static final Duration TROUBLE = Duration.ofSeconds(60);

    /// Longer than all retries, leases and pauses together.
    private static final Duration PATIENCE = Duration.ofHours(2);

    private static final Interval EACH = Schedule.every(Duration.ofSeconds(7));
    private static final Interval AGAIN = Schedule.every(Duration.ofSeconds(11));

    private static final Duration LONGEST_RUN = Duration.ofMinutes(2);

    private static final String QUEUE = "celery";

    private static final List<String> ALL =
            List.of("early", "late", "stubborn", "failing", "chain", "chord", "later", "parent");

    private static final List<String> KEYED =
            List.of(SimulatedTasks.KEYED, SimulatedTasks.KEYED_EARLY);

    private static final List<String> UNIQUE =
            List.of(SimulatedTasks.SINGLE, SimulatedTasks.SINGLE_EARLY);

    private static final List<String> PACED =
            List.of(SimulatedTasks.PACED, SimulatedTasks.PACED_TOGETHER);

    private final Random random;
    private final Simulation simulation;
    private final Ledger ledger;
    private final Server server;
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final List<String> kinds;
    private final List<Machine> workers = new ArrayList<>();
    private final List<Machine> beats = new ArrayList<>();

    /// Those that were told to end.
    private final List<Machine> ending = new ArrayList<>();

    private int clientsAtWork;
    private int numbers;

    /// What runs on a machine.
    ///
    /// @param quit does not wait for what is under way, where that can be
    private record Service(Runnable stop, Runnable quit, Predicate<Duration> awaitStopped) {
        static Service of(Worker worker) {
            return new Service(worker::stop, worker::quit, worker::awaitStopped);
        }

        static Service of(Beat beat) {
            return new Service(beat::stop, beat::stop, beat::awaitStopped);
        }
    }

    /// A node that works.
    private static final class Machine {
        private final Node node;
        private final Muster muster;
        private @Nullable Service service;
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
                                forgetful),
                        random.nextBoolean());
        settings.put("broker_url", "simulated:");
        settings.put("beat_schedule_store", "simulated:");
        settings.put("beat_lease", oneOf(3, 10, 30));
        settings.put("worker_enable_remote_control", false);
        settings.put("worker_prefetch_multiplier", oneOf(1, 1, 2, 4));
        settings.put("worker_cancel_long_running_tasks_on_connection_loss", random.nextBoolean());
        settings.put("worker_deduplicate_successful_tasks", random.nextBoolean());
        kinds = oneOf(ALL, ALL, everything(), KEYED, UNIQUE, PACED);
    }

    private static List<String> everything() {
        return Stream.of(ALL, KEYED, UNIQUE, PACED).flatMap(List::stream).toList();
    }

    @SafeVarargs
    private <T> T oneOf(T... values) {
        return values[random.nextInt(values.length)];
    }

    /// @return the laws that are broken
    List<String> run() {
        IntStream.range(0, oneOf(1, 2, 3)).forEach(_ -> startWorker());
        IntStream.range(0, oneOf(1, 1, 2)).forEach(_ -> startClient());
        IntStream.range(0, oneOf(0, 0, 0, 2, 3)).forEach(_ -> startBeat());
        IntStream.range(0, oneOf(0, 2, 5, 10))
                .forEach(_ -> simulation.after(upTo(TROUBLE), this::trouble));
        simulation.after(TROUBLE, this::end);
        endBeats();
        if (isOverSoon()) {
            // A run whose message came back long ago may still be under way, and send its retry.
            var _ = simulation.runUntil(() -> false, LONGEST_RUN);
        }
        ledger.require(isOverSoon(), () -> "something does not come to its end");
        check();
        stop();
        ledger.onceOnly().checkThatAllIsFree();
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

    /// Its tasks run on virtual threads: others would not be the simulation's.
    private void startWorker() {
        var node = new Node(simulation, "worker-" + ++numbers, server);
        var machine = new Machine(node, muster(node));
        workers.add(machine);
        var slots = oneOf(1, 1, 2, 3);
        node.start(
                "main",
                () ->
                        machine.service =
                                Service.of(
                                        machine.muster
                                                .worker()
                                                .queues(QUEUE)
                                                .concurrency(slots)
                                                .pool(Worker.Pool.VIRTUAL)
                                                .hostname(node.toString())
                                                .heartbeat(Duration.ZERO)
                                                .start()));
    }

    private void startBeat() {
        var node = new Node(simulation, "beat-" + ++numbers, server);
        var machine = new Machine(node, muster(node));
        beats.add(machine);
        var builder = machine.muster.beat();
        schedule(builder, "each", EACH, MissedRuns.ALL);
        schedule(builder, "again", AGAIN, MissedRuns.ONCE);
        schedule(builder, "minute", Schedule.crontab("* * * * *"), MissedRuns.ONCE);
        node.start("main", () -> machine.service = Service.of(builder.start()));
    }

    private void schedule(Beat.Builder beat, String name, Schedule when, MissedRuns missed) {
        var every = when instanceof Interval interval ? interval.every() : Duration.ofMinutes(1);
        ledger.timetable().expect(name, new Timetable.Spacing(every, missed == MissedRuns.ALL));
        var call =
                call(SimulatedTasks.LATE, SimulatedTasks.SCHEDULED).header(Timetable.HEADER, name);
        beat.add(ScheduleEntry.of(name, when, call).withMissed(missed));
    }

    private void startClient() {
        var node = new Node(simulation, "client-" + ++numbers, server);
        var muster = muster(node);
        var count = oneOf(1, 2, 4, 8);
        // Close together, they get in each other's way more often.
        var pause = TROUBLE.dividedBy(count * oneOf(1, 1, 10));
        clientsAtWork++;
        node.start(
                "main",
                () -> {
                    for (var sent = 0; sent < count; sent++) {
                        sleep(node, upTo(pause));
                        send(muster);
                    }
                    clientsAtWork--;
                });
    }

    private void send(Muster muster) {
        var number = ++numbers;
        var what = kinds.get(random.nextInt(kinds.size()));
        if (UNIQUE.contains(what)) {
            sendUnique(muster, what, random.nextInt(2));
            return;
        }
        var key =
                KEYED.contains(what)
                        ? Optional.of("key-" + random.nextInt(2))
                        : Optional.<String>empty();
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
                    default ->
                            key.map(call(what, number)::idempotencyKey).orElse(call(what, number));
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
                            },
                            key.map(given -> OnceOnly.key(what, given))));
        } catch (BrokerException | ResultStoreException e) {
            ledger.note(() -> "refused %s %d".formatted(what, number)); // the client knows
        }
    }

    private void sendUnique(Muster muster, String what, int number) {
        var since = simulation.nanoTime();
        try {
            var result =
                    muster.send(
                            call(what, number)
                                    .unique(oneOf(Task.Unique.DROP, Task.Unique.COALESCE)));
            if (result.isDuplicate()) {
                ledger.note(() -> "%s %d is %s".formatted(what, number, result.id()));
                ledger.onceOnly().refused(result.id(), since);
            } else {
                ledger.accepted(result.id(), Ledger.Accepted.of(what, number));
                ledger.onceOnly().accepted("%s %d".formatted(what, number), result.id());
            }
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
        var machines = Stream.concat(workers.stream(), beats.stream()).toList();
        var machine = machines.get(random.nextInt(machines.size()));
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
            case 5 -> replace(machine, "stops", Service::stop);
            case 6 -> {
                node.hurry();
                replace(machine, "quits", Service::quit);
            }
            default -> {
                ledger.note(() -> "the clock of %s jumps".formatted(node));
                ledger.clockJumps();
                if (beats.contains(machine)) {
                    ledger.timetable().clockJumps();
                }
                node.jump(Duration.ofSeconds(random.nextInt(20) - 10));
            }
        }
    }

    private void kill(Machine machine) {
        ledger.note(() -> "%s is killed".formatted(machine.node));
        machine.node.crash();
        remove(machine);
    }

    private void remove(Machine machine) {
        machine.ended = true;
        if (workers.remove(machine)) {
            startWorker();
        } else if (beats.remove(machine)) {
            startBeat();
        }
    }

    private void replace(Machine machine, String what, Function<Service, Runnable> how) {
        if (machine.service != null && !machine.ended) {
            ledger.note(() -> "%s %s".formatted(machine.node, what));
            end(machine, how);
            remove(machine);
        }
    }

    private void end(Machine machine, Function<Service, Runnable> how) {
        ending.add(machine);
        machine.node.start(
                "end",
                () -> {
                    var service = Objects.requireNonNull(machine.service);
                    how.apply(service).run();
                    ledger.require(
                            service.awaitStopped.test(PATIENCE),
                            () -> "%s does not stop".formatted(machine.node));
                    machine.muster.close();
                    machine.node.kill();
                });
    }

    /// Nothing goes wrong from now on.
    private void end() {
        ledger.note(() -> "all is well from now on");
        server.calm();
        workers.forEach(machine -> machine.node.resume());
        beats.forEach(machine -> machine.node.resume());
    }

    /// Beats end when they have sent all that was due in the time of trouble.
    private void endBeats() {
        if (beats.isEmpty()) {
            return;
        }
        var wellSince = simulation.instant().plus(TROUBLE);
        ledger.require(
                simulation.runUntil(() -> ledger.timetable().isSentAfter(wellSince), PATIENCE),
                () -> "something that is due is not sent");
        var last = List.copyOf(beats);
        beats.clear();
        last.forEach(machine -> end(machine, Service::stop));
        ledger.require(
                simulation.runUntil(
                        () -> last.stream().allMatch(machine -> machine.node.isDead()), PATIENCE),
                () -> "a beat does not stop");
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
                                lost || isRight(work, number(record.get().result())),
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

    private boolean isRight(Ledger.Accepted work, @Nullable Object value) {
        return work.key().isEmpty()
                ? work.value().orElseThrow().equals(value)
                : ledger.onceOnly().lapses(work.key().get()) > 0
                        || server.store()
                                .fetch(work.key().get())
                                .filter(first -> Objects.equals(number(first.result()), value))
                                .isPresent();
    }

    private static @Nullable Object number(@Nullable Object value) {
        return value instanceof Number number ? number.intValue() : value;
    }

    /// Workers end soon, and leave nothing.
    private void stop() {
        workers.forEach(machine -> end(machine, Service::stop));
        ledger.require(
                simulation.runUntil(
                        () -> ending.stream().allMatch(machine -> machine.node.isDead()), PATIENCE),
                () -> "a worker does not stop");
        ledger.require(server.broker().length(QUEUE) == 0, () -> "messages are left in the queue");
    }
}
