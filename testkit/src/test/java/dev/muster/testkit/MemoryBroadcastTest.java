package dev.muster.testkit;

class MemoryBroadcastTest extends BroadcastContract {
    @Override
    protected String url() {
        return "memory:";
    }

    @Override
    protected boolean isShared() {
        return false;
    }
}
