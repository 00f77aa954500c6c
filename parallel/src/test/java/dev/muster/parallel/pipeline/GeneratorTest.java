package dev.muster.parallel.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private final List<String> log = new ArrayList<>();

    private Generator<Integer> countdown(int from) {
        return Generator.of(out -> {
            log.add("started");
            try {
                for (var n = from - 1; n >= 0; n--) {
                    out.emit(n);
                }
            } finally {
                log.add("ended");
            }
        });
    }

    @Test
    void givesItsValuesOnceThenAnExplicitEnd() {
        var generator = countdown(3);

        assertThat(generator.next()).isEqualTo(2);
        assertThat(generator.next()).isEqualTo(1);
        assertThat(generator.next()).isEqualTo(0);
        assertThatThrownBy(generator::next).isInstanceOf(NoSuchElementException.class);
        assertThat(generator.hasNext()).isFalse();
        assertThat(log).containsExactly("started", "ended");
    }

    @Test
    void computesNothingBeforeItIsAsked() {
        Generator<Integer> endless =
                Generator.of(out -> {
                    for (var n = 0; ; n++) {
                        log.add("made " + n);
                        out.emit(n);
                    }
                });
        assertThat(log).isEmpty();

        try (endless) {
            assertThat(endless.stream().limit(2)).containsExactly(0, 1);
        }

        assertThat(log).containsExactly("made 0", "made 1");
    }

    @Test
    void closedEarlyItRunsTheFinallyOfTheBody() {
        var generator = countdown(3);
        generator.next();

        generator.close();
        generator.close();

        assertThat(log).containsExactly("started", "ended");
        assertThat(generator.hasNext()).isFalse();
        assertThatThrownBy(generator::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void closedBeforeItsStartItRunsNothing() {
        countdown(3).close();

        assertThat(log).isEmpty();
    }

    @Test
    void closingItsStreamClosesIt() {
        try (var stream = countdown(3).stream()) {
            assertThat(stream.findFirst()).contains(2);
        }

        assertThat(log).containsExactly("started", "ended");
    }

    @Test
    void whatTheBodyThrowsIsThrownWhereTheValueWasAskedFor() {
        Generator<String> generator =
                Generator.of(out -> {
                    out.emit("a");
                    throw new IOException("disk");
                });

        assertThat(generator.next()).isEqualTo("a");
        assertThatThrownBy(generator::next)
                .isInstanceOf(StageFailedException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    @SuppressWarnings("EmptyCatch")
    void aBodyThatEmitsAfterTheCloseIsToldSo() {
        Generator<String> generator =
                Generator.of(out -> {
                    try {
                        out.emit("a");
                    } finally {
                        out.emit("b");
                    }
                });
        generator.next();

        assertThatThrownBy(generator::close)
                .hasMessageContaining("although its generator is closed");
    }

    @Test
    void aPipelineCanBeFedFromIt() {
        var values = new ArrayList<Integer>();

        Pipelines.feed(countdown(3), Pipelines.sink(values::add));

        assertThat(values).containsExactly(2, 1, 0);
    }
}
