package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpeedupTest {
    @TempDir private Path folder;

    @Test
    void printsTheTableOfTheWorkedExample() {
        var outcome =
                Cli.run("speedup", "--parallel", "0.99", "--time", "100", "--n", "1,10,100,1000");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .isEqualToNormalizingNewlines(
                        """
                                   n     seconds     speedup  efficiency   gustafson
                                   1         100           1           1           1
                                  10        10.9       9.174      0.9174        9.91
                                 100        1.99       50.25      0.5025       99.01
                                1000       1.099       90.99     0.09099         990
                        parallel part 0.99, at most 100 times as fast
                        """);
    }

    /// The runs leave a trace, so that it is seen that each number was put in its place.
    @Test
    void measuresACommandAndDrawsWhatItFound() {
        var trace = folder.resolve("trace");
        var plot = folder.resolve("plot.svg");

        var outcome =
                Cli.run(
                        "speedup",
                        "--measure",
                        "echo {n} >> " + trace,
                        "--n",
                        "1,2,4",
                        "--json",
                        "--plot",
                        plot.toString());

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("\"parallel\": ", "\"n\": 4", "\"serial\": ");
        assertThat(trace).hasContent("1\n2\n4\n");
        assertThat(plot).content().contains("<polyline", "<circle").endsWith("</svg>\n");
    }

    @Test
    void aCommandThatFailsIsNoMeasurement() {
        var outcome = Cli.run("speedup", "--measure", "exit {n}", "--n", "1,2");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("'exit 1' ended with exit status 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--n 1,2 | give either --parallel or --measure",
                "--parallel 0.5 --measure {n} | give either --parallel or --measure",
                "--parallel 1.5 | p must be from 0 to 1",
                "--parallel 0.5 --n 0 | --n takes numbers from 1 on",
                "--measure true | has no {n}",
                "--measure {n} --n 2,2 | two different numbers"
            })
    void aMistakeIsToldWithAWayOut(String options, String message) {
        var outcome = Cli.run(("speedup " + options).split(" ", -1));

        assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
    }
}
