package dev.muster.queue;

import dev.muster.queue.control.Mailbox;
import dev.muster.queue.events.EventSender;
import dev.muster.queue.spi.Consumer;
import dev.muster.queue.spi.Setting;
import java.time.Duration;
import java.util.Collection;

/// A worker without threads of its own: it runs tasks on the thread that calls [#run()], one after
/// the other, settles each before the next, and does nothing in between. For tests, and for
/// programs that have a loop of their own. Made by [Worker.Builder#inline()].
///
/// It keeps tasks, chords, retries, time limits and revocations as a [Worker] does. What has to
/// wait for its time before it can run does so on a timer thread, unless a
/// [dev.muster.queue.spi.TurnableClock] tells the time: then on the thread that turns it.
///
/// Within a task that it runs, [#run()] may be called again; with a broker in memory, also by
/// several threads at once.
public final class InlineWorker implements AutoCloseable {
    private static final int BATCH = 100;

    private final Consumer consumer;
    private final Session session;
    private final Supervisor supervisor;
    private final Mailbox mailbox;
    private final Consumer commands;
    private final EventSender events;
    private final DeliveryHandler handler;

    InlineWorker(Muster muster, String hostname, Collection<String> names, Supervisor supervisor) {
        var queues = names.stream().map(muster.queueDirectory()::named).toList();
        queues.forEach(muster.broker()::declare);
        this.consumer = muster.broker().consume(queues, 0);
        this.session = new Session(consumer, 0, 0, muster.environment().clock());
        this.supervisor = supervisor;
        this.events = muster.events(hostname);
        this.handler =
                new DeliveryHandler(
                        Workplace.of(
                                muster,
                                hostname,
                                new TaskRunner.Here(muster.json(), muster.environment()),
                                supervisor,
                                new TaskEvents(
                                        events,
                                        muster.settings().get(Setting.WORKER_SEND_TASK_EVENTS))),
                        new TaskPool.CallingThread(),
                        () -> {});
        this.mailbox =
                muster.mailbox(
                        hostname,
                        new TaskCommands(
                                        muster,
                                        hostname,
                                        handler.roster(),
                                        handler.rateLimits(),
                                        supervisor)
                                .addTo(new CommandTable()));
        this.commands = mailbox.open();
    }

    /// Runs the tasks that wait in the queues, and those that they bring about, until none waits.
    ///
    /// @return how many messages it has taken
    /// @throws dev.muster.queue.spi.BrokerException when the broker cannot be reached; the worker
    ///   is then of no use any more
    public int run() {
        commands.take(BATCH, Duration.ZERO).forEach(delivery -> mailbox.hear(delivery.message()));
        var count = 0;
        for (var taken = consumer.take(1, Duration.ZERO);
                !taken.isEmpty();
                taken = consumer.take(1, Duration.ZERO)) {
            handler.receive(taken.getFirst(), session);
            count++;
        }
        return count;
    }

    /// Gives back what it keeps for later, and listens no more. Twice is harmless.
    @Override
    public void close() {
        session.end();
        commands.close();
        consumer.close();
        supervisor.close();
        events.close();
    }
}
