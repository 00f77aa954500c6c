package dev.muster.parallel.pipeline;

/// Prints to the standard output, which stays open: one such stage may end several pipelines.
final class PrintStage implements Stage<Object> {
    @Override
    public void send(Object value) {
        // Asked for anew each time, so that System.setOut is respected.
        System.out.println(value);
    }

    @Override
    public void raise(Throwable cause) {
        throw StageFailedException.unchecked(cause);
    }

    @Override
    public void close() {
        System.out.flush();
    }
}
