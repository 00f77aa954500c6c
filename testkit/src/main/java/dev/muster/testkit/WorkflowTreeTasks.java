package dev.muster.testkit;

import dev.muster.queue.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The tasks that [WorkflowTree]s are made of; those of `celery_trees.py` do the same.
final class WorkflowTreeTasks {
    private WorkflowTreeTasks() {}

    /// @param run the file in which each leaf that has run has a line
    @Task(name = "trees.leaf")
    static Object leaf(Object value, String run, int number, boolean fails) throws IOException {
        Files.writeString(Path.of(run), number + "\n", StandardOpenOption.APPEND);
        return WorkflowTree.leaf(value, number, fails);
    }

    @Task(name = "trees.seed")
    static Object seed(long value) {
        return value;
    }
}
