package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgendaTest {
    private static final Instant START = Instant.parse("2026-03-29T00:00:00Z");

    private volatile Instant now = START;
    private final InstantSource clock = () -> now;
    private final Timer timer = Timer.of(clock, "agenda");
    private final Agenda agenda = new Agenda(timer, clock, Duration.ofMillis(10));
    private final List<Integer> happened = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        timer.close();
    }

    private void add(int minute) {
        agenda.at(START.plus(Duration.ofMinutes(minute)), () -> happened.add(minute));
    }

    private void awaitCount(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> happened.size() >= count);
    }

    @Test
    void allHappensInOrderOfTimeWhenTheClockSaysSo() {
        var minutes = new ArrayList<Integer>();
        for (var minute = 1; minute <= 1000; minute++) {
            minutes.add(minute);
        }
        Collections.shuffle(minutes, new Random(7));
        minutes.forEach(this::add);

        now = START.plus(Duration.ofMinutes(400));
        awaitCount(400);
        now = START.plus(Duration.ofMinutes(1000));
        awaitCount(1000);

        Collections.sort(minutes);
        assertThat(happened).containsExactlyElementsOf(minutes);
    }

    @Test
    void whatComesLaterAndIsDueBeforeAllOthersDoesNotWaitForThem() {
        var slow = new Agenda(timer, clock, Duration.ofHours(1));
        slow.at(START.plusSeconds(3000), () -> happened.add(2));
        slow.at(START, () -> happened.add(1));

        awaitCount(1);
        assertThat(happened).containsExactly(1);
    }

    @Test
    void aClockThatIsSetBackIsWaitedFor() {
        add(10);
        now = START.minus(Duration.ofDays(1));
        add(-2000);
        awaitCount(1); // so it has looked at the clock since
        assertThat(happened).containsExactly(-2000);

        now = START.plus(Duration.ofMinutes(10));
        awaitCount(2);
    }

    @Test
    void whatFailsDoesNotKeepOthersFromHappening() {
        agenda.at(
                START,
                () -> {
                    throw new IllegalStateException("of the action");
                });
        add(0);
        add(1);
        now = START.plus(Duration.ofMinutes(1));

        awaitCount(2);
    }

    @Test
    void nothingHappensOnceTheTimerIsClosed() throws Exception {
        var running = new CountDownLatch(1);
        agenda.at(START, running::countDown);
        assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
        add(1);
        timer.close();
        now = START.plus(Duration.ofMinutes(2));
        add(1);

        Awaitility.await()
                .during(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(10))
                .until(happened::isEmpty);
    }
}
