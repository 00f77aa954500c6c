package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.parallel.JoinableQueueContract.Waiting;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("try") // pipes are closed on purpose
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProcessPipeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static void spell(PipeEnd<String, Integer> end) throws InterruptedException {
        for (var number : end) {
            end.send("number " + number);
        }
    }

    @Test
    void twoProcessesTalkBothWays() throws Exception {
        var pipe = ProcessPipe.<Integer, String>open();
        try (var left = pipe.left();
                var child = ChildProcess.start(ProcessPipeTest::spell, pipe.right())) {
            for (var number = 0; number < 200; number++) {
                left.send(number);
                assertThat(left.receive()).isEqualTo("number " + number);
            }
            assertThat(left.receive(Duration.ofMillis(20))).isEmpty();
            left.close();

            assertThat(child.join(LIMIT)).isTrue();
            assertThat(child.exitStatus()).hasValue(0);
        }
    }

    static void sayOnce(PipeEnd<String, Integer> end) throws InterruptedException {
        end.send("hello");
        end.receive();
    }

    @Test
    void theEndOfTheOtherProcessIsTheEndOfThePipe() throws Exception {
        var pipe = ProcessPipe.<Integer, String>open(1);
        try (var left = pipe.left();
                var child = ChildProcess.start(ProcessPipeTest::sayOnce, pipe.right())) {
            left.send(1);
            assertThat(child.join(LIMIT)).isTrue();

            assertThat(left.receive()).isEqualTo("hello");
            assertThatThrownBy(left::receive).isInstanceOf(QueueClosedException.class);
            assertThatThrownBy(() -> left.receive(LIMIT))
                    .isInstanceOf(QueueClosedException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(
                            () -> {
                                // Until the pipe is full at the latest.
                                left.send(2);
                                left.send(3);
                            })
                    .isInstanceOf(QueueClosedException.class);
            assertThat(left).isEmpty();
        }
    }

    static void hang(PipeEnd<String, Integer> end) throws InterruptedException {
        end.send("ready");
        Thread.sleep(LIMIT.multipliedBy(2));
    }

    @Test
    void aKillOfTheOtherProcessEndsTheWaits() throws Exception {
        var pipe = ProcessPipe.<Integer, String>open(1);
        try (var left = pipe.left();
                var child = ChildProcess.start(ProcessPipeTest::hang, pipe.right())) {
            assertThat(left.receive(LIMIT)).contains("ready");
            left.send(1);
            var receiving = Waiting.start(left::receive).untilItSleeps();
            var sending = Waiting.start(() -> left.send(2, LIMIT)).untilItSleeps();
            child.kill();

            assertThatThrownBy(receiving::result).hasCauseInstanceOf(QueueClosedException.class);
            assertThatThrownBy(sending::result).hasCauseInstanceOf(QueueClosedException.class);
        }
    }

    static void askTwice(PipeEnd<Integer, String> end, ProcessQueue<String> answers)
            throws InterruptedException {
        try (end) {
            end.send(1);
            answers.put(end.receive());
        }
    }

    @Test
    void bothEndsCanBeElsewhere() throws Exception {
        var pipe = ProcessPipe.<Integer, String>open();
        try (var answers = ProcessQueue.<String>bounded(1);
                var speller = ChildProcess.start(ProcessPipeTest::spell, pipe.right());
                var asker = ChildProcess.start(ProcessPipeTest::askTwice, pipe.left(), answers)) {
            assertThat(answers.poll(LIMIT)).contains("number 1");
            assertThat(asker.join(LIMIT)).isTrue();
            assertThat(speller.join(LIMIT)).isTrue();
            assertThat(speller.exitStatus()).hasValue(0);
        }
    }
}
