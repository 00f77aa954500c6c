package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;

import dev.muster.queue.Muster;
import dev.muster.queue.Result;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.ResultStoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// The clients of a [FaultCampaignContract], which send from the first fault to the last.
final class FaultCampaignClients implements AutoCloseable {
    private static final int CLIENTS = 2;
    private static final int PAUSE_MILLIS = 20;
    private static final int CHORD_MEMBERS = 5;

    /// One of so many tasks takes far longer than the others.
    private static final int SLOW_IN = 150;

    /// A task or workflow that was accepted.
    ///
    /// @param value what it returns; empty when it fails
    record Accepted(int number, Result<Integer> result, Optional<Integer> value) {}

    private final Muster muster;
    private final String runs;
    private final ConcurrentLinkedQueue<Accepted> accepted = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final ConcurrentLinkedQueue<RuntimeException> defects = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();

    private final Map<Integer, Long> sent = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clients = Executors.newScheduledThreadPool(CLIENTS);

    FaultCampaignClients(Muster muster, Path runs) {
        this.muster = muster;
        this.runs = runs.toString();
        for (var client = 0; client < CLIENTS; client++) {
            var _ =
                    clients.scheduleWithFixedDelay(
                            this::send, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void send() {
        var number = numbers.incrementAndGet();
        sent.put(number, System.currentTimeMillis());
        try {
            accepted.add(send(number));
        } catch (BrokerException | ResultStoreException e) {
            refused.incrementAndGet(); // it was told, so it knows that it must send again
        } catch (RuntimeException e) { // which would end this client
            defects.add(e);
        }
    }

    private Accepted send(int number) {
        if (number % SLOW_IN == 0) {
            return accepted(
                    number, muster.send(call(FaultCampaignTasks::slow, number, runs)), number);
        }
        var call = call(FaultCampaignTasks::number, number, runs);
        return switch (number % 6) {
            case 0 -> accepted(number, muster.send(call), number);
            case 1 ->
                    accepted(
                            number,
                            muster.send(call.then(FaultCampaignTasks::increment)),
                            number + 1);
            case 2 ->
                    accepted(
                            number,
                            muster.send(
                                    group(IntStream.range(0, CHORD_MEMBERS).mapToObj(_ -> call))
                                            .then(FaultCampaignTasks::sum)),
                            CHORD_MEMBERS * number);
            case 3 ->
                    accepted(
                            number,
                            muster.send(call(FaultCampaignTasks::stubborn, number, runs)),
                            number);
            case 4 ->
                    accepted(
                            number,
                            muster.send(call.countdown(Duration.ofSeconds(number % 5))),
                            number);
            default ->
                    new Accepted(
                            number,
                            muster.send(call(FaultCampaignTasks::failing, number, runs)),
                            Optional.empty());
        };
    }

    private static Accepted accepted(int number, Result<Integer> result, int value) {
        return new Accepted(number, result, Optional.of(value));
    }

    /// All that the broker has taken. Whoever reads it has closed the clients.
    List<Accepted> accepted() {
        return List.copyOf(accepted);
    }

    /// How often a client was told that a task was not taken.
    int refused() {
        return refused.get();
    }

    /// What a client was told that it should not have been.
    List<RuntimeException> defects() {
        return List.copyOf(defects);
    }

    /// When that number was about to be sent, in milliseconds since 1970; 0 if never.
    long sentAt(int number) {
        return sent.getOrDefault(number, 0L);
    }

    /// Sends no more.
    @Override
    public void close() {
        clients.close();
    }
}
