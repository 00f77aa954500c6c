package dev.muster.parallel.pipeline;

import java.util.List;

final class FanoutStage<T> implements Stage<T> {
    private final List<Stage<? super T>> branches;
    private boolean closed;

    FanoutStage(List<? extends Stage<? super T>> branches) {
        this.branches = List.copyOf(branches);
    }

    @Override
    public void send(T value) {
        checkOpen();
        for (var branch : branches) {
            branch.send(value);
        }
    }

    @Override
    public void raise(Throwable cause) {
        checkOpen();
        try {
            Ends.forAll(branches, branch -> branch.raise(cause));
        } catch (Throwable unhandled) {
            closed = true;
            throw unhandled;
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Ends.forAll(branches, Stage::close);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw StageClosedException.onSend();
        }
    }
}
