package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RunTest {
    /// Sends a task, and waits for as many seconds as its argument says.
    static final String ADDER =
            """
            import static dev.muster.queue.Canvas.call;

            import dev.muster.queue.Muster;
            import dev.muster.queue.Task;
            import java.time.Duration;

            class Adder {
                @Task
                static int add(int a, int b) {
                    return a + b;
                }

                static void main(String[] args) {
                    var patience = Duration.ofSeconds(Integer.parseInt(args[0]));
                    try (var muster = Muster.connect()) {
                        IO.println(muster.send(call(Adder::add, 20, 3)).get(patience));
                    }
                }
            }
            """;

    @TempDir private Path folder;

    static Stream<Arguments> programs() {
        return Stream.of(
                Arguments.of(
                        "public class P { public static void main(String[] a) { IO.println(a[0]); } }",
                        "x"),
                Arguments.of("class P { void main(String[] a) { IO.println(a[0]); } }", "x"),
                Arguments.of("class P { static void main() { IO.println(\"ran\"); } }", "ran"),
                Arguments.of("class P { void main() { IO.println(\"ran\"); } }", "ran"),
                Arguments.of(
                        "class P { void main() {} void main(String[] a) { IO.println(\"1st\"); } }",
                        "1st"),
                Arguments.of(
                        "class P extends Q {} class Q { void main() { IO.println(\"Q\"); } }", "Q"),
                Arguments.of(
                        "interface P { static void main(String[] a) { IO.println(\"i\"); } }", "i"),
                Arguments.of("record P() { void main() { IO.println(\"record\"); } }", "record"),
                Arguments.of(
                        "package a.b; class P { void main() { IO.println(getClass().getName()); } }",
                        "a.b.P"),
                Arguments.of("void main(String[] a) { IO.println(a[1]); }", "--help"),
                Arguments.of("String s = \"field\"; void main() { IO.println(s); }", "field"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void runsEveryFormOfMain(String program, String printed) {
        var file = Cli.write(folder, "P.java", program);

        var outcome = Cli.run("run", file.toString(), "x", "--help");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualToIgnoringNewLines(printed);
    }

    @Test
    void aFileWithoutMainIsRefused() {
        var file = Cli.write(folder, "P.java", "class P { private void main() {} }");

        var outcome = Cli.run("run", file.toString());

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("the class P has no main method");
    }

    @Test
    void anUncaughtExceptionIsPrintedAsJavaDoesWithTheUsersFramesOnly() {
        var file =
                Cli.write(
                        folder,
                        "P.java",
                        """
                        class P {
                            static void main() {
                                deeper();
                            }

                            static void deeper() {
                                throw new IllegalStateException("oh", new RuntimeException("why"));
                            }
                        }
                        """);

        var outcome = Cli.run("run", file.toString());

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualToNormalizingNewlines(
                        """
                        Exception in thread "main" java.lang.IllegalStateException: oh
                        \tat P.deeper(P.java:7)
                        \tat P.main(P.java:3)
                        Caused by: java.lang.RuntimeException: why
                        \t... 2 more
                        """);
    }

    @Test
    void withAWorkerOfItsOwnTheProgramNeedsNothingElse() {
        var file = Cli.write(folder, "Adder.java", ADDER);
        var broker = "sqlite:" + folder.resolve("queue.db");

        var outcome = Cli.run("run", "-b", broker, "--worker", file.toString(), "30");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualToIgnoringNewLines("23");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void whereABrokerIsConfiguredTheTasksAreLeftToItsWorkers() {
        var file = Cli.write(folder, "Adder.java", ADDER);

        var outcome =
                Cli.run("run", "-b", "sqlite:" + folder.resolve("queue.db"), file.toString(), "0");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("dev.muster.queue.ResultTimeoutException", "is a worker running");
    }
}
