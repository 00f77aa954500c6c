package dev.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Canvas;
import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.codec.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

@Timeout(120)
class GraphTest {
    private static final String SHOP =
            """
            import static dev.muster.queue.Canvas.*;
            import dev.muster.queue.*;
            import java.util.List;

            public class Shop {
                @Task static double price(int id) { return id * 1.19; }
                @Task static double sum(List<Double> prices) { return 0; }
                @Task static void page(String failedId) {}

                static Workflow<Double> total() {
                    return group(call(Shop::price, 1), call(Shop::price, 2)).then(Shop::sum)
                            .onError(Shop::page).link(call("audit.note"));
                }

                static Workflow<?> broken() { throw new IllegalStateException("no orders today"); }

                static String title() { return "none"; }

                static class Other {
                    static Signature<Double> one() { return call(Shop::price, 1); }
                    static Workflow<?> total() { return one(); }
                }
            }
            """;

    @TempDir private Path folder;

    private String shop() {
        return Cli.write(folder, "Shop.java", SHOP).toString();
    }

    /// The grammar of Graphviz, as far as it is used here: statements in braces, each a node or an
    /// edge between identifiers, with attributes of identifiers or quoted strings.
    private static void assertDot(String text) {
        var quoted = "\"(?:[^\"\\\\\\p{Cntrl}]|\\\\.)*\"";
        var attribute = "\\w+=(?:\\w+|%s)".formatted(quoted);
        var attributes = "(?: \\[%s(?:, %s)*\\])?".formatted(attribute, attribute);
        var statement =
                Pattern.compile(
                        "  (?:rankdir=LR|(?:node|edge|n\\d+)%s|n\\d+ -> n\\d+%s);"
                                .formatted(attributes, attributes));
        var lines = text.lines().toList();
        assertThat(lines.getFirst()).isEqualTo("digraph workflow {");
        assertThat(lines.getLast()).isEqualTo("}");
        assertThat(lines.subList(1, lines.size() - 1)).allMatch(statement.asMatchPredicate());
    }

    private static Document svg(String text) {
        try {
            var document =
                    DocumentBuilderFactory.newDefaultNSInstance()
                            .newDocumentBuilder()
                            .parse(new ByteArrayInputStream(text.getBytes(UTF_8)));
            assertThat(document.getDocumentElement().getNamespaceURI())
                    .isEqualTo("http://www.w3.org/2000/svg");
            return document;
        } catch (Exception e) {
            throw new AssertionError("not XML: " + text, e);
        }
    }

    private static List<String> texts(Document svg) {
        var texts = svg.getElementsByTagName("text");
        return IntStream.range(0, texts.getLength())
                .mapToObj(index -> texts.item(index).getTextContent())
                .toList();
    }

    private static List<String> tasks(Cli.Outcome outcome) {
        var graph = (Map<?, ?>) Objects.requireNonNull(new Json(false).read(outcome.out()));
        return ((List<?>) Objects.requireNonNull(graph.get("nodes")))
                .stream()
                        .map(node ->
                                String.valueOf(((Map<?, ?>) node).get("task"))
                                        + " "
                                        + ((Map<?, ?>) node).get("state"))
                        .toList();
    }

    @Test
    void printsWhatAMethodReturnsAsDot() {
        var outcome = Cli.run("graph", "-A", shop(), "Shop.total");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertDot(outcome.out());
        assertThat(outcome.out())
                .contains(
                        "label=\"Shop.price\\n(1)\"",
                        "label=\"Shop.price\\n(2)\"",
                        "label=\"Shop.sum\\n(…)\"",
                        "[style=dotted]",
                        "[style=dashed, color=\"#c62828\"]");
    }

    @Test
    void drawsAPictureIntoAFileThatEndsSo() throws IOException {
        var file = folder.resolve("total.svg");

        var outcome = Cli.run("graph", "-A", shop(), "Shop.total", "-o", file.toString());

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEmpty();
        var picture = svg(Files.readString(file));
        assertThat(texts(picture))
                .contains("Shop.price", "(1)", "(2)", "Shop.sum", "audit.note", "Shop.page");
        assertThat(Cli.run("graph", "-A", shop(), "Shop.total", "--format", "svg").out())
                .isEqualTo(Files.readString(file));
    }

    @Test
    void findsAMethodByItsNameAloneWhereThereIsOne() {
        assertThat(tasks(Cli.run("graph", "-A", shop(), "one", "--json")))
                .containsExactly("Shop.price null");
        assertThat(tasks(Cli.run("graph", "-A", shop(), "Other.total", "--json"))).hasSize(1);
    }

    @Test
    void oneBoxStandsForTheRestOfALargeGroup() {
        var members = IntStream.range(0, 1_000).mapToObj(n -> Canvas.call("load", n));
        var chord = Canvas.group(members).then(Canvas.call("sum"));
        var text = new Json(false).writeText(chord.toMap());
        var file = Cli.write(folder, "large.json", text).toString();

        assertThat(texts(svg(Cli.run("graph", file, "--format", "svg").out())))
                .containsExactly(
                        "load", "(0)", "load", "(1)", "load", "(2)", "997 more load", "sum", "(…)");
        assertThat(Cli.run("graph", file, "--all").out()).contains("(999)");
        assertThat(tasks(Cli.run("graph", file, "--json"))).hasSize(1_001);
    }

    @Test
    void aMethodThatIsMissingOrNotOneOrFailsIsToldWithAWayOut() {
        var shop = shop();

        assertThat(failure(2, "graph", "-A", shop, "totl"))
                .contains(
                        "no static method totl()",
                        "Other.one, Other.total, Shop.broken, Shop.total");
        assertThat(failure(2, "graph", "-A", shop, "title")).contains("no static method title()");
        assertThat(failure(2, "graph", "-A", shop, "total"))
                .contains("several methods total()", "Other.total, Shop.total");
        assertThat(failure(1, "graph", "-A", shop, "broken"))
                .contains("Shop.broken() failed", "no orders today");
    }

    private static String failure(int status, String... words) {
        var outcome = Cli.run(words);
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("muster: ").doesNotContain("\tat ");
        return outcome.err();
    }

    @Test
    void drawsASignatureFromAFileAndFromTheStandardInput() {
        var text =
                new Json(false)
                        .writeText(
                                Canvas.call("tasks.add", 2, 3)
                                        .then(Canvas.call("tasks.mul", 4))
                                        .toMap());
        var file = Cli.write(folder, "signature.json", text).toString();

        var outcome = Cli.run("graph", file);

        assertDot(outcome.out());
        assertThat(outcome.out()).contains("tasks.add\\n(2, 3)", "tasks.mul\\n(…, 4)", "n1 -> n2");
        assertThat(withInput(text, "graph", "-").out()).isEqualTo(outcome.out());
    }

    private static Cli.Outcome withInput(String text, String... words) {
        var input = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(UTF_8)));
        try {
            return Cli.run(words);
        } finally {
            System.setIn(input);
        }
    }

    @Test
    void whatIsNoSignatureIsToldSo() {
        var list = Cli.write(folder, "list.json", "[1]").toString();
        var text = Cli.write(folder, "text.json", "{\"task\": ").toString();
        var unknown =
                Cli.write(folder, "type.json", "{\"task\": \"a\", \"subtask_type\": \"tree\"}")
                        .toString();

        assertThat(failure(2, "graph", list)).contains("list.json holds no signature");
        assertThat(failure(2, "graph", text)).contains("text.json holds no signature: ");
        assertThat(failure(2, "graph", unknown)).contains("'tree' is unknown");
    }

    @Test
    void drawsAWorkflowThatRunsWithTheStatesOfItsTasks() {
        var broker = "sqlite:" + folder.resolve("queue.db");
        try (var muster =
                        Muster.builder()
                                .brokerUrl(broker)
                                .set("result_extended", true)
                                .tasks(GraphTest.class)
                                .build();
                var worker = muster.worker().start()) {
            assertThat(worker.awaitReady(Duration.ofSeconds(30))).isTrue();
            var result =
                    muster.send(
                            Canvas.call(GraphTest::one)
                                    .then(GraphTest::half)
                                    .then(Canvas.call("half").queue("nobody reads this")));
            result.save();
            var half = result.parent().orElseThrow();
            assertThat((Object) half.get(Duration.ofSeconds(30))).isEqualTo(0.5);
            var one = half.parent().orElseThrow();
            assertThat((Object) one.get(Duration.ofSeconds(30))).isEqualTo(1);

            assertThat(tasks(Cli.run("graph", "--result", result.id(), "--json", "-b", broker)))
                    .containsExactly(
                            "one SUCCESS",
                            "half SUCCESS",
                            result.id().substring(0, 8) + "… PENDING");
            assertThat(tasks(Cli.run("graph", "--result", half.id(), "--json", "-b", broker)))
                    .startsWith("one SUCCESS", "half SUCCESS");
            var picture = Cli.run("graph", "--result", half.id(), "--format", "svg", "-b", broker);
            assertThat(texts(svg(picture.out()))).contains("half", "(1)", "SUCCESS");
        }
    }

    @Task(name = "one")
    static int one() {
        return 1;
    }

    @Task(name = "half")
    static double half(@Nullable Integer number) {
        return number == null ? 0 : number / 2.0;
    }

    @Test
    void anUnknownIdIsExitStatus1() {
        assertThat(
                        failure(
                                1,
                                "graph",
                                "--result",
                                "none",
                                "-b",
                                "sqlite:" + folder.resolve("queue.db")))
                .contains("nothing is known of none in sqlite:", "save()");
    }
}
