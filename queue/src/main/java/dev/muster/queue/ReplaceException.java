package dev.muster.queue;

/// The task is to be replaced by a workflow. Made by [TaskContext#replace(Workflow)].
public final class ReplaceException extends TaskControlException {
    private final transient Workflow<?> workflow;

    ReplaceException(Workflow<?> workflow) {
        super("the task wants to be replaced by " + workflow, null);
        this.workflow = workflow;
    }

    Workflow<?> workflow() {
        return workflow;
    }
}
