package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import java.util.ArrayList;
import java.util.List;

final class BatchStage<T> extends LinkedStage<T, List<T>> {
    private final int size;
    private List<T> batch = new ArrayList<>();

    BatchStage(int size, Stage<? super List<T>> next) {
        super(next);
        this.size = Checks.positive("size", size);
    }

    @Override
    public void send(T value) {
        checkOpen();
        batch.add(value);
        if (batch.size() == size) {
            sendBatch();
        }
    }

    @Override
    void finish() {
        if (!batch.isEmpty()) {
            sendBatch();
        }
    }

    private void sendBatch() {
        var full = List.copyOf(batch);
        batch = new ArrayList<>();
        next.send(full);
    }
}
