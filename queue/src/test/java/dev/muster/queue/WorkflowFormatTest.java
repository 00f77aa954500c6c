package dev.muster.queue;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.queue.codec.DecodeException;
import dev.muster.queue.codec.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Dictionaries of Celery's canvas; those in `signatures.json` were written by Celery 5.2.6.
class WorkflowFormatTest {
    private static final Json JSON = new Json(false);

    static Stream<String> golden() {
        return goldenDictionaries().keySet().stream();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, @Nullable Object>> goldenDictionaries() {
        try (var file = WorkflowFormatTest.class.getResourceAsStream("signatures.json")) {
            var text = Objects.requireNonNull(file, "signatures.json").readAllBytes();
            return (Map<String, Map<String, @Nullable Object>>)
                    Objects.requireNonNull(JSON.read(text));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("golden")
    void readsWhatCeleryWritesAndWritesItAgain(String name) {
        var golden = Objects.requireNonNull(goldenDictionaries().get(name));

        var written = JSON.read(JSON.write(Workflow.ofMap(golden).toMap()));

        assertThat(written).isEqualTo(normal(golden));
    }

    /// What Celery writes in more than one way: a header as list or as group, a link as one or as
    /// list, the same seconds as a whole number or not.
    private static @Nullable Object normal(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, item) -> {
                    var name = (String) key;
                    var each = normal(item);
                    if (name.equals("header") && each instanceof List<?> tasks) {
                        each =
                                JSON.read(
                                        JSON.write(
                                                new Group<>(workflows(tasks), Map.of()).toMap()));
                    } else if (List.of("expires", "time_limit").contains(name)
                            && each instanceof Long number) {
                        each = number.doubleValue();
                    }
                    if (!(each == null && isOption(name))) {
                        copy.put(name, each);
                    }
                });
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(item -> copy.add(normal(item)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    /// Of those that Celery writes although they are not set.
    private static boolean isOption(String name) {
        return List.of("root_id", "parent_id").contains(name);
    }

    @SuppressWarnings("unchecked")
    private static List<Workflow<?>> workflows(List<?> tasks) {
        return tasks.stream()
                .<Workflow<?>>map(task -> Workflow.ofMap((Map<String, @Nullable Object>) task))
                .toList();
    }

    @Test
    void whatJavaBuildsIsWhatCeleryWouldWrite() {
        var golden = goldenDictionaries();

        assertSame(add(1, 1).then(add(2)).then(add(3)), golden.get("chain"));
        assertSame(add(1, 1).then(add(2)).onError(add(9)), normal(withErrorsOnEachStep(golden)));
        assertSame(group(add(0), add(1), add(2)), golden.get("group"));
        assertSame(group(add(1), add(2).then(add(3))).then(add(4)), normal(golden.get("chord")));
        assertSame(add(1).immutable(), golden.get("immutable"));
        assertSame(add(1).stamp("order", List.of("a")), golden.get("stamped"));
        assertSame(
                add(1).countdown(Duration.ofMillis(1500)).toMap().get("options"),
                Map.of("countdown", 1.5));
    }

    private static Signature<Long> add(Object... args) {
        return call("t.add", args).returning(Long.class);
    }

    /// Celery hands it to each step when the chain is sent.
    private static Map<String, @Nullable Object> withErrorsOnEachStep(
            Map<String, Map<String, @Nullable Object>> golden) {
        var chain = Workflow.ofMap(Objects.requireNonNull(golden.get("chain with errors")));
        var errback = Workflow.ofMap(call("t.add", 9).toMap());
        return chain.withOptions(Map.of()).onError(errback).toMap();
    }

    private static void assertSame(Workflow<?> workflow, @Nullable Object dictionary) {
        assertSame(workflow.toMap(), dictionary);
    }

    private static void assertSame(@Nullable Object written, @Nullable Object expected) {
        assertThat(JSON.read(JSON.write(written))).isEqualTo(JSON.read(JSON.write(expected)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"task\": 5}",
                "{\"task\": \"\"}",
                "{\"task\": \"t\", \"args\": 5}",
                "{\"task\": \"t\", \"options\": {\"priority\": \"high\"}}",
                "{\"task\": \"t\", \"options\": {\"link\": 7}}",
                "{\"task\": \"t\", \"options\": {\"eta\": \"soon\"}}",
                "{\"task\": \"t\", \"subtask_type\": \"circle\"}",
                "{\"task\": \"celery.chain\", \"kwargs\": {\"tasks\": [null]}, \"subtask_type\": \"chain\"}",
                "{\"task\": \"celery.chord\", \"kwargs\": {\"header\": []}, \"subtask_type\": \"chord\"}"
            })
    @SuppressWarnings("unchecked")
    void whatIsNoWorkflowIsRefused(String text) {
        var map = (Map<String, @Nullable Object>) Objects.requireNonNull(JSON.read(text));

        assertThatThrownBy(() -> Workflow.ofMap(map)).isInstanceOf(DecodeException.class);
    }
}
