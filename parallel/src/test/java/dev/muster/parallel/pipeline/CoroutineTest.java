package dev.muster.parallel.pipeline;

import static dev.muster.parallel.pipeline.Pipelines.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CoroutineTest {
    private final List<String> heard = new ArrayList<>();

    private Stage<String> complain(String word) {
        return coroutine(inbox -> {
            heard.add("hello");
            try {
                while (true) {
                    if (inbox.receive().contains(word)) {
                        heard.add(word + " again!");
                    }
                }
            } finally {
                heard.add("goodbye");
            }
        });
    }

    @Test
    void greetsWhenMadeAnswersEachValueAndCleansUpWhenClosed() {
        var stage = complain("python");
        assertThat(heard).containsExactly("hello");

        stage.send("I like python");
        assertThat(heard).containsExactly("hello", "python again!");
        stage.send("and tea");
        stage.send("python");
        stage.close();
        stage.close();

        assertThat(heard).containsExactly("hello", "python again!", "python again!", "goodbye");
        assertThatThrownBy(() -> stage.send("python")).isInstanceOf(StageClosedException.class);
    }

    @Test
    void whatIsRaisedCanBeCaughtWhereTheCoroutineWaits() {
        Stage<String> stage =
                coroutine(inbox -> {
                    while (true) {
                        try {
                            heard.add(inbox.receive());
                        } catch (UncheckedIOException e) {
                            heard.add("caught " + e.getMessage());
                        }
                    }
                });

        stage.send("a");
        stage.raise(new UncheckedIOException("this", new IOException()));
        stage.send("b");
        stage.close();

        assertThat(heard).containsExactly("a", "caught this", "b");
    }

    @Test
    void whatIsNotCaughtEndsItAndReachesTheOneWhoRaisedIt() {
        var stage = complain("x");
        var problem = new IOException("disk");

        assertThatThrownBy(() -> stage.raise(problem))
                .isInstanceOf(StageFailedException.class)
                .hasCause(problem);

        assertThat(heard).containsExactly("hello", "goodbye");
        assertThatThrownBy(() -> stage.send("x")).isInstanceOf(StageClosedException.class);
        stage.close();
    }

    @Test
    void whatTheBodyThrowsReachesTheSender() {
        Stage<Integer> stage = coroutine(inbox -> heard.add("" + 1 / inbox.receive()));

        assertThatThrownBy(() -> stage.send(0)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> stage.send(1)).isInstanceOf(StageClosedException.class);
    }

    @Test
    void aBodyThatReturnsHasClosedTheStage() {
        Stage<String> stage = coroutine(inbox -> heard.add(inbox.receive()));

        stage.send("once");

        assertThatThrownBy(() -> stage.send("twice")).isInstanceOf(StageClosedException.class);
        assertThat(heard).containsExactly("once");
    }

    @Test
    void aBodyThatReceivesAfterTheCloseIsAnError() {
        Stage<String> stage =
                coroutine(inbox -> {
                    try {
                        inbox.receive();
                    } catch (StageClosedException _) {
                        inbox.receive();
                    }
                });

        assertThatThrownBy(stage::close).hasMessageContaining("went on to receive");
    }

    @Test
    void closesWhatFollowsWhenItEnds() {
        Stage<String> stage =
                coroutine(
                        complain("a"),
                        (inbox, next) -> {
                            for (var value : inbox) {
                                next.send(value + value);
                            }
                            next.send("last a");
                        });

        stage.send("a");
        stage.close();

        assertThat(heard).containsExactly("hello", "a again!", "a again!", "goodbye");
    }

    @Test
    void aClosedStageDownTheLineIsAnErrorOfTheBodyNotItsEnd() {
        var next = complain("a");
        Stage<String> stage = coroutine(next, (inbox, out) -> inbox.forEach(out::send));
        next.close();

        assertThatThrownBy(() -> stage.send("a")).isInstanceOf(StageClosedException.class);
    }

    @Test
    void cannotSendToItself() {
        var self = new AtomicReference<Stage<String>>();
        self.set(
                coroutine(inbox -> {
                    inbox.receive();
                    self.get().send("again");
                }));

        assertThatThrownBy(() -> self.get().send("first")).hasMessageContaining("itself");
    }

    @Test
    void anInterruptOfTheSenderReachesTheBodyAndIsKept() throws Exception {
        var reached = new CountDownLatch(1);
        Stage<String> stage =
                coroutine(inbox -> {
                    inbox.receive();
                    reached.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException _) {
                        heard.add("interrupted");
                    }
                });
        var kept = new AtomicReference<Boolean>();
        var sender =
                Thread.ofPlatform()
                        .start(() -> {
                            stage.send("x");
                            kept.set(Thread.currentThread().isInterrupted());
                        });

        reached.await();
        sender.interrupt();
        sender.join();

        assertThat(heard).containsExactly("interrupted");
        assertThat(kept).hasValue(true);
    }

    @Test
    void manyValuesPassInOrder() {
        var sum = new long[1];

        feed(
                PipelinesTest.numbers(100_000),
                coroutine(inbox -> inbox.forEach(n -> sum[0] = sum[0] * 31 + n)));

        var expected =
                PipelinesTest.numbers(100_000).stream()
                        .mapToLong(n -> n)
                        .reduce(0, (a, n) -> a * 31 + n);
        assertThat(sum[0]).isEqualTo(expected);
    }
}
