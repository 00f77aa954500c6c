package dev.muster.parallel;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Draws speed-up over the number of processors: the law as a line, measurements as points.
public final class SpeedupPlot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 480;
    private static final int MARGIN = 64;
    private static final int STEPS = 200;

    private final Speedup.Law law;
    private final List<Measurement> measured;
    private final double lastN;
    private final double top;

    private SpeedupPlot(Speedup.Law law, List<Measurement> measured, int lastN) {
        this.law = law;
        this.measured = measured;
        this.lastN = Math.max(2, lastN);
        this.top =
                1.05
                        * Math.max(
                                law.speedup((int) this.lastN),
                                measured.stream().mapToDouble(this::speedup).max().orElse(1));
    }

    /// An SVG document. The axis of n is logarithmic, from 1 to `lastN`.
    ///
    /// @param measured may be empty; speed-ups are relative to the law's time on one processor
    public static String svg(Speedup.Law law, List<Measurement> measured, int lastN) {
        return new SpeedupPlot(law, measured, lastN).draw();
    }

    private double speedup(Measurement measurement) {
        return law.seconds(1) / measurement.seconds();
    }

    private double x(double n) {
        return MARGIN + Math.log(n) / Math.log(lastN) * (WIDTH - 2 * MARGIN);
    }

    private double y(double speedup) {
        return HEIGHT - MARGIN - speedup / top * (HEIGHT - 2 * MARGIN);
    }

    private String draw() {
        var svg = new StringBuilder();
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="white"/>
                """
                        .formatted(WIDTH, HEIGHT));
        for (var n = 1L; n <= lastN; n *= lastN > 100 ? 10 : 2) {
            var place = x((double) n);
            grid(svg, place, HEIGHT - MARGIN, place, MARGIN);
            text(svg, place, HEIGHT - MARGIN + 20, "middle", Long.toString(n));
        }
        var step = step();
        for (var speedup = 0.0; speedup <= top; speedup += step) {
            grid(svg, MARGIN, y(speedup), WIDTH - MARGIN, y(speedup));
            text(svg, MARGIN - 8, y(speedup) + 4, "end", plain(speedup));
        }
        var points =
                IntStream.rangeClosed(0, STEPS)
                        .mapToDouble(i -> Math.pow(lastN, (double) i / STEPS))
                        .mapToObj(n -> number(x(n)) + "," + number(y(speedupAt(n))))
                        .collect(Collectors.joining(" "));
        svg.append(
                "<polyline fill=\"none\" stroke=\"#0050a0\" stroke-width=\"2\" points=\"%s\"/>\n"
                        .formatted(points));
        for (var measurement : measured) {
            svg.append(
                    "<circle cx=\"%s\" cy=\"%s\" r=\"5\" fill=\"#c03000\"/>\n"
                            .formatted(
                                    number(x(measurement.n())), number(y(speedup(measurement)))));
        }
        text(svg, WIDTH / 2.0, HEIGHT - 16, "middle", "processors");
        text(
                svg,
                WIDTH / 2.0,
                MARGIN / 2.0,
                "middle",
                "speed-up by Amdahl's law, parallel part %s%s"
                        .formatted(
                                plain(law.parallelFraction()),
                                measured.isEmpty() ? "" : "; points are measured"));
        return svg.append("</svg>\n").toString();
    }

    private double speedupAt(double n) {
        return law.seconds(1) / (law.serialSeconds() + law.parallelSeconds() / n);
    }

    /// Between two lines of the grid: 1, 2 or 5 times a power of ten, for about eight lines.
    private double step() {
        var rough = top / 8;
        var power = Math.pow(10, Math.floor(Math.log10(rough)));
        var factor = rough / power;
        return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
    }

    private static void grid(StringBuilder svg, double x1, double y1, double x2, double y2) {
        svg.append(
                "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"#d0d0d0\"/>\n"
                        .formatted(number(x1), number(y1), number(x2), number(y2)));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String words) {
        svg.append(
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                        .formatted(number(x), number(y), anchor, words));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, "%.4f", value).replaceFirst("\\.?0+$", "");
    }
}
