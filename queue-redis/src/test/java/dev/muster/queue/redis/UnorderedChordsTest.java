package dev.muster.queue.redis;

import static dev.muster.queue.Canvas.call;
import static dev.muster.queue.Canvas.group;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.Muster;
import dev.muster.queue.Task;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.CeleryWorker;
import dev.muster.testkit.Python;
import dev.muster.testkit.Servers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Celery's `result_chord_ordered: false`: the values of a chord come in the order in which its
/// members end. Workers of both kinds count in one list (celery-wire 5.6).
@Timeout(180)
class UnorderedChordsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MEMBERS = 40;
    private static final String URL = Servers.redis().url(806);
    private static final String APP =
            """
            from celery import Celery, chord, group

            app = Celery("unordered")
            app.conf.result_backend_transport_options = {"result_chord_ordered": False}

            @app.task(name="unordered.member")
            def member(number):
                return number

            @app.task(name="unordered.body")
            def body(numbers):
                return numbers
            """;

    static final class Tasks {
        private Tasks() {}

        @Task(name = "unordered.member")
        static int member(int number) {
            return number;
        }

        @Task(name = "unordered.body")
        static List<Integer> body(List<Integer> numbers) {
            return numbers;
        }
    }

    @Test
    void workersOfBothKindsCountTogether() {
        var settings =
                Settings.DEFAULT.withAll(
                        Map.of(
                                "broker_url", URL,
                                "result_backend", URL,
                                "result_backend_transport_options",
                                        Map.of("result_chord_ordered", false)));
        var all = IntStream.range(0, MEMBERS).boxed().toList();
        try (var muster = Muster.builder().settings(settings).tasks(Tasks.class).build();
                var _ =
                        CeleryWorker.start(
                                CeleryWorker.Options.of(APP, URL)
                                        .withResults(URL)
                                        .withConcurrency(2));
                var worker = muster.worker().concurrency(2).start()) {
            assertThat(worker.awaitReady(PATIENCE)).isTrue();
            var chord =
                    group(IntStream.range(0, MEMBERS).mapToObj(n -> call(Tasks::member, n)))
                            .then(Tasks::body);

            for (var result : muster.sendAll(List.of(chord, chord, chord, chord))) {
                assertThat(result.get(PATIENCE)).containsExactlyInAnyOrderElementsOf(all);
            }
            assertThat(
                            Python.program(
                                            APP
                                                    + """
                                                    for _ in range(4):
                                                        values = chord(member.s(n) for n in range(%d))(body.s()).get(timeout=60)
                                                        print(sorted(values))
                                                    """
                                                            .formatted(MEMBERS))
                                    .withVariable("CELERY_BROKER_URL", URL)
                                    .withVariable("CELERY_RESULT_BACKEND", URL)
                                    .run())
                    .hasSize(4)
                    .containsOnly(
                            all.stream()
                                    .map(String::valueOf)
                                    .collect(Collectors.joining(", ", "[", "]")));
        }
    }
}
