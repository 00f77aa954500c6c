package dev.muster.parallel.pipeline;

/// What comes after the last function of a pipeline: nothing. As it has no state, there is one for
/// all.
final class DropStage implements Stage<Object> {
    static final Stage<Object> DROP = new DropStage();

    private DropStage() {}

    @Override
    public void send(Object value) {}

    @Override
    public void raise(Throwable cause) {
        throw StageFailedException.unchecked(cause);
    }

    @Override
    public void close() {}
}
