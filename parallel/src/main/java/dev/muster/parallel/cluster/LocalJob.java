package dev.muster.parallel.cluster;

import dev.muster.parallel.child.Ending;
import dev.muster.parallel.child.Job;

/// A call that a local child runs.
final class LocalJob extends Job {
    private final Dispatcher dispatcher;
    private final LocalPlace place;
    private final long number;

    LocalJob(Dispatcher dispatcher, LocalPlace place, Errand errand) {
        super(errand.job.code(), errand.job.arguments(), errand.job.limit());
        this.dispatcher = dispatcher;
        this.place = place;
        this.number = errand.number;
    }

    @Override
    protected void ended(Ending ending) {
        dispatcher.ended(place, number, nanos(), 0, ending);
    }

    @Override
    protected void dropped() {
        dispatcher.givenBack(place, number);
    }
}
