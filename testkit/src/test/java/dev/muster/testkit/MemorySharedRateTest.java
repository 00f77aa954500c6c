package dev.muster.testkit;

class MemorySharedRateTest extends SharedRateContract {
    @Override
    protected String url() {
        return "memory:";
    }

    @Override
    protected boolean isShared() {
        return false;
    }
}
