package dev.muster.queue.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private record Look(Runnable run, long nanos) {}

    private final Deque<Look> planned = new ArrayDeque<>();
    private long now = Long.MAX_VALUE - 10; // the clock may overflow
    private int late;

    private final Watchdog watchdog =
            new Watchdog(
                    Duration.ofNanos(30),
                    () -> late++,
                    () -> now,
                    (look, nanos) -> planned.add(new Look(look, nanos)));

    private void look() {
        var next = planned.remove();
        now += next.nanos;
        next.run.run();
    }

    @Test
    void whatTakesTooLongIsLateOnceEachTime() {
        for (var time = 1; time <= 3; time++) {
            watchdog.begin();
            look();
            assertThat(late).isEqualTo(time);
            assertThat(planned).isEmpty();
            watchdog.end();
        }
    }

    @Test
    void whatEndsInTimeIsNotLateAndPlansOneLookHoweverOftenItBegins() {
        for (var time = 0; time < 1000; time++) {
            watchdog.begin();
            watchdog.end();
        }
        assertThat(planned).hasSize(1);
        look();

        assertThat(late).isZero();
        assertThat(planned).isEmpty();
    }

    @Test
    void eachPartHasALimitOfItsOwn() {
        watchdog.begin();
        now += 20;
        watchdog.begin();
        now -= 20; // the look counts from the first
        look();
        assertThat(late).isZero();

        assertThat(planned.getFirst().nanos).isEqualTo(20);
        look();
        assertThat(late).isEqualTo(1);
    }
}
