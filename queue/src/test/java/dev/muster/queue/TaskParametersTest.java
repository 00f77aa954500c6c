package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.Json;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskParametersTest {
    private final Json json = new Json(true);

    record Point(int x, int y) {}

    enum Format {
        PNG,
        JPEG
    }

    @SuppressWarnings({"unused", "UnusedMethod"}) // found by annotation
    static class Tasks {
        @Task
        static String resize(
                String url,
                @Default("800") int width,
                Optional<Format> format,
                @Nullable String label) {
            return "%s %d %s %s".formatted(url, width, format, label);
        }

        @Task
        static String defaults(
                @Default("[1, 2]") List<Integer> sizes,
                @Default("PNG") Format format,
                @Default("true") String text) {
            return "%s %s %s".formatted(sizes, format, text);
        }

        @Task
        static String many(String first, int... rest) {
            return first + Arrays.toString(rest);
        }

        @Task
        static String keywords(int a, @Kwargs Map<String, Integer> others) {
            return a + " " + others;
        }

        @Task
        static String types(
                Point point,
                List<Map<String, Long>> nested,
                LocalDate day,
                UUID id,
                BigDecimal price,
                byte[] data) {
            return "%s %s %s %s %s %d".formatted(point, nested, day, id, price, data.length);
        }

        @Task
        static String context(TaskContext context, int number) {
            return context.id() + number;
        }
    }

    private String run(String task, List<?> args, Map<String, ?> kwargs) {
        var method =
                Stream.of(Tasks.class.getDeclaredMethods())
                        .filter(candidate -> candidate.getName().equals(task))
                        .findFirst()
                        .orElseThrow();
        var request = Requests.request("id-1", task, new ArrayList<>(args), Map.copyOf(kwargs));
        try {
            return String.valueOf(
                    TaskDefinition.of(method, null)
                            .run(
                                    Requests.context(request),
                                    new ArrayList<>(args),
                                    Map.copyOf(kwargs),
                                    json));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void bindsByPositionAndByName() {
        assertThat(run("resize", List.of("u", 10, "PNG", "l"), Map.of()))
                .isEqualTo("u 10 Optional[PNG] l");
        assertThat(run("resize", List.of(), Map.of("url", "u", "width", 10L)))
                .isEqualTo("u 10 Optional.empty null");
        assertThat(run("resize", List.of("u"), Map.of("format", "JPEG")))
                .isEqualTo("u 800 Optional[JPEG] null");
    }

    @Test
    void missingArgumentsTakeTheirDefaults() {
        assertThat(run("defaults", List.of(), Map.of())).isEqualTo("[1, 2] PNG true");
    }

    @Test
    void variableArgumentsTakeTheRest() {
        assertThat(run("many", List.of("a"), Map.of())).isEqualTo("a[]");
        assertThat(run("many", List.of("a", 1L, 2L), Map.of())).isEqualTo("a[1, 2]");
    }

    @Test
    void aKwargsMapTakesWhatNoParameterIsNamedFor() {
        assertThat(run("keywords", List.of(1), Map.of("b", 2L))).isEqualTo("1 {b=2}");
    }

    @Test
    void convertsToTheParametersGenericTypes() {
        assertThat(
                        run(
                                "types",
                                List.of(
                                        Map.of("x", 1L, "y", 2L),
                                        List.of(Map.of("k", 3L)),
                                        "2026-03-13",
                                        "b7a35a2e-93c4-4c3b-8f0e-0d7c8e1f2a3b",
                                        1.25,
                                        "AQID"),
                                Map.of()))
                .isEqualTo(
                        "Point[x=1, y=2] [{k=3}] 2026-03-13 b7a35a2e-93c4-4c3b-8f0e-0d7c8e1f2a3b 1.25 3");
    }

    @Test
    void theContextTakesNoArgument() {
        assertThat(run("context", List.of(7), Map.of())).isEqualTo("id-17");
    }

    @Test
    void whatDoesNotFitIsSaidAsPythonSaysIt() {
        assertRefused(
                "resize",
                List.of("u", 1, "PNG", "l", 5),
                Map.of(),
                "takes 4 positional arguments but 5 were given");
        assertRefused(
                "resize", List.of(), Map.of(), "missing 1 required positional argument: 'url'");
        assertRefused(
                "resize",
                List.of("u"),
                Map.of("url", "v"),
                "got multiple values for argument 'url'");
        assertRefused(
                "resize",
                List.of("u"),
                Map.of("wide", 1),
                "got an unexpected keyword argument 'wide'");
        assertRefused("resize", List.of("u", "broad"), Map.of(), "argument 'width'");
        assertRefused("resize", List.of("u", 1L << 40), Map.of(), "argument 'width'");
        assertRefused("resize", List.of("u", 1, "GIF"), Map.of(), "argument 'format'");
        assertRefused("types", List.of(Map.of("x", "one")), Map.of(), "x");
    }

    private void assertRefused(String task, List<?> args, Map<String, ?> kwargs, String reason) {
        assertThatThrownBy(() -> run(task, args, kwargs))
                .isInstanceOf(TaskArgumentException.class)
                .hasMessageStartingWith("TaskParametersTest.Tasks." + task + "()")
                .hasMessageContaining(reason);
    }

    @SuppressWarnings("UnusedMethod") // found by annotation
    static class Wrong {
        @Task
        static int run(@Kwargs List<String> others) {
            return others.size();
        }
    }

    @Test
    void aKwargsAnnotationOnSomethingElseIsRefused() {
        assertThatThrownBy(() -> TaskRegistry.of(List.of(Wrong.class), List.of()))
                .isInstanceOf(NotATaskException.class)
                .hasMessageContaining("@Kwargs");
    }
}
