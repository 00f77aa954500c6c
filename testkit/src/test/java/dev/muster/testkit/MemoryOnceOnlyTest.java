package dev.muster.testkit;

class MemoryOnceOnlyTest extends OnceOnlyContract {
    @Override
    protected String url() {
        return "memory:";
    }

    @Override
    protected boolean isShared() {
        return false;
    }
}
