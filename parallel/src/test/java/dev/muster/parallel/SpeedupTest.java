package dev.muster.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Node;

class SpeedupTest {
    /// The worked example: 100 seconds, of which 99 can be shared.
    @ParameterizedTest
    @CsvSource({"1, 100, 1", "10, 10.9, 9.2", "100, 1.99, 50.2", "1000, 1.099, 91"})
    void amdahlsLawGivesTheTimesOfTheWorkedExample(int n, double seconds, double speedup) {
        var law = Speedup.Law.of(0.99, 100);

        assertThat(law.seconds(n)).isCloseTo(seconds, within(1e-9));
        assertThat(law.speedup(n)).isCloseTo(speedup, within(0.06));
        assertThat(Speedup.amdahl(0.99, n)).isCloseTo(law.speedup(n), within(1e-9));
    }

    @Test
    void theLimitIsThatOfTheSerialPart() {
        assertThat(Speedup.limit(0.99)).isCloseTo(100, within(1e-9));
        assertThat(Speedup.limit(1)).isInfinite();
    }

    @Test
    void gustafsonsProblemGrowsWithTheMachine() {
        assertThat(Speedup.gustafson(0.99, 100)).isCloseTo(99.01, within(1e-9));
        assertThat(Speedup.gustafson(0.99, 1)).isCloseTo(1, within(1e-9));
    }

    @Test
    void karpAndFlattFindTheSerialPartOfAmdahlsLaw() {
        assertThat(Speedup.karpFlatt(Speedup.amdahl(0.9, 8), 8)).isCloseTo(0.1, within(1e-12));
        assertThat(Speedup.karpFlatt(1, 8)).isCloseTo(1, within(1e-12));
    }

    @Test
    void aFitFindsTheLawThatMadeTheMeasurements() {
        var measured = Stream.of(1, 2, 4, 8).map(n -> new Measurement(n, 2 + 6.0 / n)).toList();

        var law = Speedup.fit(measured);

        assertThat(law.serialSeconds()).isCloseTo(2, within(1e-9));
        assertThat(law.parallelSeconds()).isCloseTo(6, within(1e-9));
        assertThat(law.parallelFraction()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void aFitOfMoreThanLinearSpeedupHasNoSerialPart() {
        var law = Speedup.fit(List.of(new Measurement(1, 10), new Measurement(2, 4)));

        assertThat(law.serialSeconds()).isZero();
        assertThat(law.parallelFraction()).isEqualTo(1);
        // The best multiple of 1/n: (10 * 1 + 4 * 0.5) / (1 + 0.25).
        assertThat(law.seconds(1)).isCloseTo(9.6, within(1e-9));
    }

    @Test
    void aFitOfWhatGetsSlowerHasNoParallelPart() {
        var law = Speedup.fit(List.of(new Measurement(1, 4), new Measurement(2, 6)));

        assertThat(law).isEqualTo(new Speedup.Law(5, 0));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> Speedup.amdahl(1.5, 2)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> Speedup.amdahl(0.5, 0)).hasMessageContaining("was 0");
        assertThatThrownBy(() -> Speedup.karpFlatt(1, 1)).hasMessageContaining("2 or more");
        assertThatThrownBy(() -> Speedup.fit(List.of(new Measurement(2, 1), new Measurement(2, 2))))
                .hasMessageContaining("two different n");
    }

    @Test
    void thePlotHasAPointForEachMeasurementAtItsPlace() throws Exception {
        var law = Speedup.Law.of(0.9, 8);
        var measured =
                IntStream.of(1, 2, 4).mapToObj(n -> new Measurement(n, law.seconds(n))).toList();

        var svg = SpeedupPlot.svg(law, measured, 4);

        var document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(3);
        // The law runs through points that follow it: its line begins and ends at the first and
        // last.
        var line =
                document.getElementsByTagName("polyline")
                        .item(0)
                        .getAttributes()
                        .getNamedItem("points")
                        .getNodeValue();
        var circles = document.getElementsByTagName("circle");
        assertThat(line).startsWith(place(circles.item(0))).endsWith(place(circles.item(2)));
    }

    private static String place(Node circle) {
        var attributes = circle.getAttributes();
        return attributes.getNamedItem("cx").getNodeValue()
                + ","
                + attributes.getNamedItem("cy").getNodeValue();
    }
}
