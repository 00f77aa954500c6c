package dev.muster.testkit;

import static dev.muster.queue.Canvas.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.muster.queue.Muster;
import dev.muster.queue.Step;
import dev.muster.queue.TaskFailedException;
import dev.muster.queue.Worker;
import dev.muster.queue.spi.Settings;
import dev.muster.testkit.WorkflowTree.Expected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Workflows of any shape have the value, or the failure, that plain code of the same shape has.
/// Extend it, and name a broker, and where results are kept if it keeps none.
///
/// The shapes are random trees, up to five levels deep and up to five wide. Each leaf runs once.
@Timeout(300)
public abstract class WorkflowEquivalenceContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Generator<WorkflowTree> TREES = WorkflowTree.generator(5, 5, 60);

    private final String queue = "equivalence-" + UUID.randomUUID();
    private @TempDir Path runs;
    private Muster muster;
    private @Nullable Worker worker;
    private @Nullable CeleryWorker celeryWorker;

    /// Who runs the tasks.
    protected enum Workers {
        JAVA,
        PYTHON,
        /// Both read the same queue.
        MIXED
    }

    /// The broker.
    protected abstract String url();

    /// Where results are kept; in the broker, if it says nothing else.
    protected String resultBackend() {
        return url();
    }

    /// Who runs the tasks; Java workers, if it says nothing else.
    protected Workers workers() {
        return Workers.JAVA;
    }

    /// How many trees are tried.
    protected int cases() {
        return 60;
    }

    @BeforeEach
    final void start() {
        var settings =
                Settings.DEFAULT.withAll(
                        Map.of(
                                "broker_url",
                                url(),
                                "result_backend",
                                resultBackend(),
                                // Celery 5.2 reads no other.
                                "json_typed_values",
                                false,
                                "task_default_queue",
                                queue));
        muster = Muster.builder().settings(settings).tasks(WorkflowTreeTasks.class).build();
        if (workers() != Workers.JAVA) {
            celeryWorker =
                    CeleryWorker.start(
                            CeleryWorker.Options.of(
                                            "QUEUE = '%s'\n%s"
                                                    .formatted(
                                                            queue,
                                                            Resources.text("celery_trees.py")),
                                            url())
                                    .withResults(resultBackend())
                                    .withConcurrency(2));
        }
        if (workers() != Workers.PYTHON) {
            worker = muster.worker().concurrency(8).start();
            assertThat(worker.awaitReady(PATIENCE)).isTrue();
        }
    }

    @AfterEach
    final void stop() {
        if (worker != null) {
            worker.close();
        }
        muster.close();
        if (celeryWorker != null) {
            celeryWorker.close();
        }
    }

    @Test
    void aWorkflowDoesWhatPlainCodeOfItsShapeDoes() {
        Seeded.forAll(
                cases(),
                workers() == Workers.JAVA
                        ? TREES
                        : random ->
                                Stream.generate(() -> TREES.generate(random))
                                        .filter(WorkflowTree::fitsCelery)
                                        .findFirst()
                                        .orElseThrow()
                                        .failingAsCeleryTells(),
                this::check);
    }

    private void check(WorkflowTree tree) throws IOException {
        var run = Files.createTempFile(runs, "run-", ".txt");
        var step =
                tree.step(leaf ->
                        Step.of(
                                WorkflowTreeTasks::leaf,
                                run.toString(),
                                leaf.number(),
                                leaf.fails()));
        var result = muster.send(call(WorkflowTreeTasks::seed, 1L).then(step));

        switch (tree.evaluate(1L)) {
            case Expected.Value(var value) -> {
                assertThat(result.get(PATIENCE)).isEqualTo(value);
                assertThat(Files.readAllLines(run)).hasSize(tree.leaves()).doesNotHaveDuplicates();
            }
            case Expected.Failure(var leaves) -> {
                var failure = catchThrowable(() -> result.get(PATIENCE));
                assertThat(failure).isInstanceOf(TaskFailedException.class);
                assertThat(leaves.stream().map(WorkflowTree::failure))
                        .as("the leaf that failed: %s", failure.getMessage())
                        .anyMatch(String.valueOf(failure.getMessage())::contains);
                assertThat(Files.readAllLines(run)).doesNotHaveDuplicates();
            }
        }
    }
}
