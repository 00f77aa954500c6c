package dev.muster.parallel.pipeline;

import java.util.List;

final class FanoutStage<T> implements Stage<T> {
    private final List<Stage<? super T>> branches;
    private final Life life = new Life();

    FanoutStage(List<? extends Stage<? super T>> branches) {
        this.branches = List.copyOf(branches);
    }

    @Override
    public void send(T value) {
        life.checkOpen();
        for (var branch : branches) {
            branch.send(value);
        }
    }

    @Override
    public void raise(Throwable cause) {
        life.checkOpen();
        try {
            Ends.forAll(branches, branch -> branch.raise(cause));
        } catch (Throwable unhandled) {
            life.close();
            throw unhandled;
        }
    }

    @Override
    public void close() {
        if (!life.isClosed()) {
            life.close();
            Ends.forAll(branches, Stage::close);
        }
    }
}
