package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.EncodeException;
import dev.muster.queue.spi.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SendAllTest {
    private final List<Long> waitingMeanwhile = new ArrayList<>();

    @AutoClose
    private final Muster muster =
            Muster.builder()
                    .settings(Settings.DEFAULT.with("broker_url", "memory:"))
                    .hooks(
                            new TaskHooks() {
                                @Override
                                public void sending(Signature<?> call, String id) {
                                    waitingMeanwhile.add(waiting());
                                }
                            })
                    .build();

    private long waiting() {
        return muster.queueLength("celery");
    }

    @Test
    void theFirstAreInTheQueueWhileTheOthersAreMadeReady() {
        var results =
                muster.sendAll(
                        IntStream.range(0, 2500)
                                .mapToObj(number -> call("any", number).id("task-" + number))
                                .toList());

        var expected = new ArrayList<>(Collections.nCopies(1000, 0L));
        expected.addAll(Collections.nCopies(1000, 1000L));
        expected.addAll(Collections.nCopies(500, 2000L));
        assertThat(waitingMeanwhile).isEqualTo(expected);
        assertThat(waiting()).isEqualTo(2500);
        assertThat(results)
                .extracting(Result::id)
                .containsExactlyElementsOf(
                        IntStream.range(0, 2500).mapToObj(number -> "task-" + number).toList());
    }

    private static List<Signature<Object>> manyAndOneThatCannotBeWritten() {
        var calls = new ArrayList<Signature<Object>>();
        IntStream.range(0, 2500).forEach(number -> calls.add(call("any", number)));
        calls.add(call("any", new Object() {}));
        return calls;
    }

    @Test
    void thePortionsBeforeOneThatCannotBeWrittenAreSent() {
        assertThatThrownBy(() -> muster.sendAll(manyAndOneThatCannotBeWritten()))
                .isInstanceOf(EncodeException.class);
        assertThat(waiting()).isEqualTo(2000);
    }

    @Test
    void oneThatCannotBeWrittenIsFoundBeforeAnyOfAGroupIsSent() {
        assertThatThrownBy(() -> muster.send(Canvas.group(manyAndOneThatCannotBeWritten())))
                .isInstanceOf(EncodeException.class);
        assertThat(waiting()).isZero();
    }

    @Test
    void nothingIsSentOfNothing() {
        assertThat(muster.sendAll(List.of())).isEmpty();
        assertThat(waiting()).isZero();
    }
}
