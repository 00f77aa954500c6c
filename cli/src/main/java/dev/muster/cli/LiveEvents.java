package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.events.ClusterState;
import dev.muster.queue.events.EventReceiver;
import dev.muster.queue.spi.BrokerException;
import dev.muster.queue.spi.MusterException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/// Shows events on the whole of a terminal, until `q` is pressed or it is told to end. One thread
/// hears events, this one draws and reads keys, and each question to workers has one of its own.
final class LiveEvents implements AutoCloseable {
    private static final Duration TAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// How often the screen is drawn when no key is pressed, in milliseconds.
    private static final int FRAME = 250;

    /// What a terminal that cannot tell its size is taken for.
    private static final Size USUAL_SIZE = Size.of(80, 24);

    private final Muster muster;
    private final InstantSource clock;
    private final ClusterState state = new ClusterState();
    private final EventScreen screen;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean interrupted = new AtomicBoolean();

    /// Whether all of the screen must be drawn.
    private final AtomicBoolean resized = new AtomicBoolean(true);

    /// What other threads want done on the screen.
    private final ConcurrentLinkedQueue<Runnable> news = new ConcurrentLinkedQueue<>();

    private final Thread listener;
    private volatile EventReceiver receiver;

    /// @throws BrokerException when the broker cannot be reached
    LiveEvents(Muster muster, InstantSource clock) {
        this.muster = muster;
        this.clock = clock;
        this.screen =
                new EventScreen(
                        state, muster.brokerDescription(), ZoneId.systemDefault(), this::ask);
        this.receiver = muster.receiveEvents();
        this.listener = Thread.ofVirtual().name("events-receiver").start(this::listen);
    }

    private void listen() {
        while (!isClosed()) {
            try {
                for (var event : receiver.take(TAKE_TIMEOUT)) {
                    state.add(event, clock.instant());
                }
            } catch (RuntimeException e) { // also a defect: the screen goes on, and says so
                say("%s; trying again".formatted(e.getMessage()));
                reopen();
            }
        }
    }

    private void reopen() {
        while (!pause()) {
            try {
                receiver.close();
                receiver = muster.receiveEvents();
                say("connected again");
                return;
            } catch (BrokerException e) {
                say("%s; trying again".formatted(e.getMessage()));
            }
        }
    }

    private void say(String text) {
        if (!isClosed()) {
            news.add(() -> screen.notice(text));
        }
    }

    /// @return whether it was closed meanwhile
    private boolean pause() {
        try {
            return closed.await(RECONNECT_DELAY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void ask(String title, String method, Map<String, ?> arguments, Optional<String> node) {
        screen.notice("asking …");
        var _ =
                Thread.ofVirtual()
                        .name("events-" + method)
                        .start(() -> {
                            try {
                                var all = muster.control().within(ANSWER_TIMEOUT);
                                var control = node.map(all::to).orElse(all);
                                var answers = control.ask(method, arguments);
                                news.add(() -> {
                                    screen.notice("");
                                    screen.answer(title, answers);
                                });
                            } catch (MusterException e) {
                                say(String.valueOf(e.getMessage()));
                            }
                        });
    }

    /// Takes the terminal, and gives it back as it was.
    void show(Terminal terminal) throws IOException {
        var before = terminal.enterRawMode();
        terminal.handle(Terminal.Signal.WINCH, _ -> resized.set(true));
        terminal.handle(Terminal.Signal.INT, _ -> interrupted.set(true));
        // It would leave the terminal to the shell as it is now.
        terminal.handle(Terminal.Signal.TSTP, Terminal.SignalHandler.SIG_IGN);
        Signals.handle("TERM", () -> interrupted.set(true));
        Signals.handle("HUP", () -> interrupted.set(true));
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        try {
            draw(terminal);
        } finally {
            terminal.puts(Capability.cursor_visible);
            terminal.puts(Capability.exit_ca_mode);
            terminal.flush();
            terminal.setAttributes(before);
        }
    }

    private void draw(Terminal terminal) throws IOException {
        var display = new Display(terminal, true);
        var keys = new Keys(terminal.reader());
        var size = USUAL_SIZE;
        while (!screen.isDone() && !interrupted.get()) {
            if (resized.getAndSet(false)) {
                var told = terminal.getSize();
                size = told.getColumns() > 0 && told.getRows() > 0 ? told : USUAL_SIZE;
                display.clear();
                display.resize(size);
            }
            for (var next = news.poll(); next != null; next = news.poll()) {
                next.run();
            }
            display.update(screen.lines(size.getColumns(), size.getRows(), clock.instant()), 0);
            keys.read(FRAME).ifPresent(this::press);
        }
    }

    private void press(String key) {
        if (key.equals(Keys.REDRAW)) {
            resized.set(true);
        } else {
            screen.press(key);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        receiver.close();
        try {
            listener.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
