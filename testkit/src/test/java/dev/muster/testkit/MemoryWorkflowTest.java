package dev.muster.testkit;

class MemoryWorkflowTest extends WorkflowEquivalenceContract {
    @Override
    protected String url() {
        return "memory:";
    }
}
