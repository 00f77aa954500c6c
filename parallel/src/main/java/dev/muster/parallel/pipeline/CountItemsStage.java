package dev.muster.parallel.pipeline;

final class CountItemsStage<T> extends LinkedStage<T, Long> {
    private long count;

    CountItemsStage(Stage<? super Long> next) {
        super(next);
    }

    @Override
    public void send(T value) {
        checkOpen();
        count++;
    }

    @Override
    void finish() {
        next.send(count);
    }
}
