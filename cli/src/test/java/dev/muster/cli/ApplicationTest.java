package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplicationTest {
    private static final String PRICES =
            """
            package shop;

            import dev.muster.queue.Task;

            public class Prices {
                @Task
                static double price(String article, int count) {
                    return 1;
                }

                static class Nested {
                    @Task(name = "deep")
                    static void nested() {}
                }
            }
            """;

    @TempDir private Path folder;

    private static Cli.Outcome list(String... options) {
        var words = new ArrayList<>(List.of("list", "tasks", "-b", "memory:"));
        words.addAll(List.of(options));
        return Cli.run(words.toArray(String[]::new));
    }

    private Cli.Outcome listSource(String name, String text) {
        return list("-A", Cli.write(folder, name, text).toString());
    }

    private Map<String, byte[]> prices() {
        return JavaSource.compile(Cli.write(folder, "Prices.java", PRICES), List.of()).classes();
    }

    private Path jar(Map<String, byte[]> classes) throws IOException {
        var jar = folder.resolve("app.jar");
        try (var output = new JarOutputStream(Files.newOutputStream(jar))) {
            for (var entry : classes.entrySet()) {
                output.putNextEntry(new JarEntry(entry.getKey().replace('.', '/') + ".class"));
                output.write(entry.getValue());
            }
        }
        return jar;
    }

    @Test
    void findsTheTasksOfASourceFileWithTheNamesOfTheirParameters() {
        var tasks = listSource("Prices.java", PRICES);

        assertThat(tasks.status()).as(tasks.err()).isZero();
        assertThat(tasks.out())
                .isEqualToNormalizingNewlines("Prices.price(String article, int count)\ndeep()\n");
    }

    @Test
    void findsTheTasksOfAJarWithoutLoadingOtherClasses() throws IOException {
        var classes = new LinkedHashMap<>(prices());
        classes.put("broken.NoClass", "no class file".getBytes(StandardCharsets.UTF_8));

        var tasks = list("-A", jar(classes).toString());

        assertThat(tasks.out()).as(tasks.err()).contains("Prices.price(", "deep()");
    }

    @Test
    void findsTheTasksOfAClassOnTheClassPath() throws IOException {
        var tasks = list("-A", "shop.Prices", "--classpath", jar(prices()).toString());

        assertThat(tasks.out()).as(tasks.err()).contains("Prices.price(", "deep()");
    }

    @Test
    void aSourceFileMayUseOthersOfItsTree() {
        Cli.write(folder, "shop/Tax.java", "package shop; class Tax { static int rate; }");

        var tasks =
                listSource(
                        "shop/Bill.java",
                        "package shop; class Bill {"
                                + " @dev.muster.queue.Task static int tax() { return Tax.rate; } }");

        assertThat(tasks.out()).as(tasks.err()).isEqualToIgnoringNewLines("Bill.tax()");
    }

    @Test
    void aClassWithInstanceMethodsIsInstantiated() {
        var tasks = listSource("Shop.java", "class Shop { @dev.muster.queue.Task void open() {} }");

        assertThat(tasks.out()).as(tasks.err()).isEqualToIgnoringNewLines("Shop.open()");
    }

    @Test
    void aCompactSourceFileMayHoldTasks() {
        var tasks =
                listSource(
                        "Tiny.java",
                        "@dev.muster.queue.Task int twice(int n) { return 2 * n; }\nvoid main() {}");

        assertThat(tasks.out()).as(tasks.err()).isEqualToIgnoringNewLines("Tiny.twice(int n)");
    }

    @Test
    void aTaskOfAClassThatCannotBeInstantiatedIsRefusedWithTheWayOut() {
        var outcome =
                listSource(
                        "Shop.java",
                        "class Shop { Shop(int size) {} @dev.muster.queue.Task void open() {} }");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("open is an instance method with @Task")
                .contains("Shop has no constructor without parameters")
                .contains("make the method static");
    }

    @Test
    void anErrorInTheSourceIsShownAsTheCompilerShowsIt() {
        var outcome = listSource("Wrong.java", "class Wrong {\n    int a = \"text\";\n}\n");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err())
                .contains("Wrong.java does not compile")
                .contains("Wrong.java:2: error: incompatible types")
                .contains("    int a = \"text\";\n            ^")
                .contains("1 error")
                .doesNotContain("\tat ");
    }

    @Test
    void anApplicationWithoutTasksIsRefusedInOneLine() {
        var outcome = listSource("Nothing.java", "class Nothing { void work() {} }");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err().lines())
                .singleElement()
                .asString()
                .contains("no method with @Task or @ControlCommand in", "Nothing.java");
    }

    @Test
    void twoTasksOfOneNameAreRefusedNamingBoth() {
        var outcome =
                listSource(
                        "Twice.java",
                        """
                        import dev.muster.queue.Task;
                        class Twice {
                            @Task(name = "same") static void one() {}
                            @Task(name = "same") static void two() {}
                        }
                        """);

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("two tasks are named 'same'", "Twice.one", "Twice.two");
    }
}
