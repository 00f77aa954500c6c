package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Ending;
import java.time.Duration;

/// What a place has done. Guarded by the lock of the [Dispatcher].
final class Tally {
    private long done;
    private long failed;
    private long lost;
    private long workNanos;
    private long busyNanos;
    private long busySince;
    private boolean isBusy;

    /// There is a call again.
    void begin(long now) {
        isBusy = true;
        busySince = now;
    }

    /// There is none any more.
    void end(long now) {
        isBusy = false;
        busyNanos += now - busySince;
    }

    void ended(Ending ending, long nanos) {
        if (ending instanceof Ending.Returned) {
            done++;
        } else {
            failed++;
        }
        workNanos += nanos;
    }

    void lost(int calls) {
        lost += calls;
    }

    ServerStatistics statistics(Place place, long now) {
        var busy = busyNanos + (isBusy ? now - busySince : 0);
        var ended = done + failed;
        return new ServerStatistics(
                place.name,
                place.state(),
                place.reason(),
                place.slots,
                place.calls.size(),
                done,
                failed,
                lost,
                Duration.ofNanos(workNanos),
                ended == 0 ? Duration.ZERO : Duration.ofNanos(workNanos / ended),
                busy == 0 ? 0 : ended * 1e9 / busy);
    }
}
