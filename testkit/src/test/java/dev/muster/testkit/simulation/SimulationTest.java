package dev.muster.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Many histories, and what must hold in each: what was accepted has ended as it must, nothing is
/// acknowledged before its outcome is stored, nothing runs more often than it was delivered or
/// before its time, keys, unique calls and rates are obeyed, beats send everything once, every
/// message is settled in the end, and every worker stops.
///
/// `-Dsimulation.seed=…` repeats one history, and prints what happens in it.
class SimulationTest {
    private static final Pattern ID = Pattern.compile("\\w{8}-\\w{4}-\\w{4}-\\w{4}-\\w{12}");

    private static final Queue<String> DEFECTS = new ConcurrentLinkedQueue<>();
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.muster");
    private static final Defects APPENDER = new Defects();

    /// Notices what is logged together with an exception: no fault of a network or a task is, so it
    /// is a defect.
    private static final class Defects extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getThrowableProxy() != null) {
                DEFECTS.add(
                        "%s: %s"
                                .formatted(
                                        event.getFormattedMessage(),
                                        event.getThrowableProxy().getMessage()));
            }
        }
    }

    @BeforeAll
    static void watchTheLog() {
        APPENDER.start();
        LOG.addAppender(APPENDER);
        LOG.setLevel(Level.ERROR);
        LOG.setAdditive(false);
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, e) -> DEFECTS.add("%s has died: %s".formatted(thread.getName(), e)));
    }

    @AfterAll
    static void leaveTheLog() {
        Thread.setDefaultUncaughtExceptionHandler(null);
        LOG.setAdditive(true);
        LOG.setLevel(null);
        LOG.detachAppender(APPENDER);
    }

    @Test
    void everyHistoryKeepsThePromises() {
        run(500);
    }

    @Test
    @Tag("soak")
    void manyHistoriesKeepThePromises() {
        run(Integer.getInteger("simulation.histories", 100_000));
    }

    /// One after the other: threads of two simulations would wait for each other's monitors in the
    /// JDK.
    private static void run(int count) {
        var only = Optional.ofNullable(Long.getLong("simulation.seed"));
        long first = only.orElseGet(() -> (long) new Random().nextInt());
        var last = first + (only.isPresent() ? 1 : count);
        var steps = 0L;
        var accepted = 0L;
        var again = 0L;
        var start = System.nanoTime();
        for (var seed = first; seed < last; seed++) {
            var history = new History(seed, only.isPresent());
            var broken = history.run();
            history.trace().forEach(IO::println);
            assertThat(broken).as("-Dsimulation.seed=%d", seed).isEmpty();
            assertThat(DEFECTS).as("-Dsimulation.seed=%d", seed).isEmpty();
            steps += history.steps();
            accepted += history.accepted();
            again += history.runsAgain();
        }
        IO.println(
                "%,d histories from seed %d, %,d steps in %,d s: %,d accepted, %,d ran again"
                        .formatted(
                                last - first,
                                first,
                                steps,
                                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
                                accepted,
                                again));
    }

    @Test
    void theSameSeedMakesTheSameHistory() {
        for (var seed = 0; seed < 50; seed++) {
            assertThat(trace(seed)).as("seed %d", seed).isEqualTo(trace(seed));
        }
    }

    /// With numbers for the ids, which are random.
    private static List<String> trace(long seed) {
        var history = new History(seed, true);
        assertThat(history.run()).isEmpty();
        Map<String, String> names = new HashMap<>();
        var lines = new ArrayList<String>();
        for (var line : history.trace()) {
            lines.add(
                    ID.matcher(line)
                            .replaceAll(id ->
                                    names.computeIfAbsent(id.group(), _ -> "id" + names.size())));
        }
        return lines;
    }

    @Test
    void aServerThatForgetsIsFound() {
        var broken =
                LongStream.range(0, 100)
                        .mapToObj(seed -> new History(seed, false, true).run())
                        .flatMap(List::stream)
                        .collect(Collectors.toSet());

        assertThat(broken).anySatisfy(law -> assertThat(law).contains("is lost"));
    }
}
