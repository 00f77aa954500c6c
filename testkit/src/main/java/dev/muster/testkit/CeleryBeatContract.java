package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.queue.Muster;
import dev.muster.queue.ScheduleEntry;
import dev.muster.queue.Task;
import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.spi.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Beats and workers of both languages on one broker. Extend it, and name the broker.
@Timeout(300)
public abstract class CeleryBeatContract {
    /// Long enough that only a defect lets it pass.
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String APP =
            """
            import pathlib
            from celery import Celery

            app = Celery("beats")
            app.conf.update(task_default_queue=PYTHON, beat_schedule={
                "to java": {
                    "task": "beats.note", "schedule": 1.0, "args": ["from python"], "kwargs": {"number": 3},
                    "options": {"queue": JAVA, "expires": 60},
                },
            })


            @app.task(name="beats.append", bind=True)
            def append(self, path, text="?"):
                with open(path, "a") as file:
                    file.write(text + " " + self.request.scheduled_at + "\\n")
            """;

    private final String queue = "beats-" + UUID.randomUUID();
    private final String pythonQueue = queue + "-python";
    private final Queue<String> notes = new ConcurrentLinkedQueue<>();

    @TempDir private Path folder;

    /// As Celery and Muster write it.
    protected abstract String brokerUrl();

    /// What Celery's beat sends.
    static final class Notes {
        private final Queue<String> notes;

        Notes(Queue<String> notes) {
            this.notes = notes;
        }

        @Task(name = "beats.note")
        void note(String text, int number) {
            notes.add(text + " " + number);
        }
    }

    private Muster.Builder muster() {
        return Muster.builder()
                .settings(Settings.DEFAULT)
                .brokerUrl(brokerUrl())
                .set("result_backend", "disabled")
                .set("beat_schedule_filename", folder.resolve("schedule.json").toString());
    }

    private CeleryWorker python(String... arguments) {
        return CeleryWorker.start(
                CeleryWorker.Options.of(
                                "PYTHON, JAVA = '%s', '%s'%n".formatted(pythonQueue, queue) + APP,
                                brokerUrl())
                        .withArguments(arguments));
    }

    @Test
    void aPythonWorkerRunsWhatAJavaBeatSends() throws IOException {
        var file = folder.resolve("runs");
        var entry =
                ScheduleEntry.of(
                        "to python",
                        Schedule.every(Duration.ofSeconds(1)),
                        call("beats.append", file.toString())
                                .kwarg("text", "from java")
                                .queue(pythonQueue)
                                .expires(Duration.ofMinutes(1)));
        try (var _ = python();
                var muster = muster().build();
                var _ = muster.beat().add(entry).start()) {
            await().atMost(PATIENCE).until(() -> Files.exists(file) && lines(file).size() >= 2);
        }

        assertThat(lines(file))
                .doesNotHaveDuplicates()
                .allMatch(line -> line.matches("from java \\d{4}-\\d\\d-\\d\\dT.*\\+00:00"));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    @Test
    void aJavaWorkerRunsWhatCelerysBeatSends() {
        try (var muster = muster().register(new Notes(notes)).build();
                var _ = muster.worker().queues(queue).start();
                var _ = python("-B", "-s", folder.resolve("celerybeat-schedule").toString())) {
            await().atMost(PATIENCE).until(() -> notes.size() >= 2);
        }

        assertThat(notes).containsOnly("from python 3");
    }
}
