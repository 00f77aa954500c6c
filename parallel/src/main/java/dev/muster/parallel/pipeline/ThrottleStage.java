package dev.muster.parallel.pipeline;

import dev.muster.parallel.base.Checks;
import java.time.Duration;

final class ThrottleStage<T> extends LinkedStage<T, T> {
    private final long interval;
    private final Pace pace;
    private long earliest;
    private boolean started;

    ThrottleStage(int count, Duration per, Pace pace, Stage<? super T> next) {
        super(next);
        if (per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException("per must be longer than zero, was " + per);
        }
        this.interval = per.toNanos() / Checks.positive("count", count);
        this.pace = pace;
    }

    @Override
    public void send(T value) {
        checkOpen();
        var now = pace.nanos();
        if (started && earliest - now > 0) {
            try {
                pace.pause(earliest - now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw StageFailedException.unchecked(e);
            }
            now = earliest;
        }
        started = true;
        earliest = now + interval;
        next.send(value);
    }
}
