package dev.muster.queue;

/// What all tasks of one worker share. Thread-safe.
///
/// @param hostname the worker's name
/// @param runner where the methods of tasks run
/// @param supervisor who ends tasks that take too long or are not wanted any more
/// @param events who tells monitors
/// @param recorder who writes results
/// @param followers who sends what follows
/// @param losses how often which task has been lost here
record Workplace(
        Muster muster,
        String hostname,
        TaskRunner runner,
        Supervisor supervisor,
        TaskEvents events,
        Recorder recorder,
        Followers followers,
        Resender resender,
        Idempotency idempotency,
        Losses losses) {
    static Workplace of(
            Muster muster,
            String hostname,
            TaskRunner runner,
            Supervisor supervisor,
            TaskEvents events) {
        var recorder = new Recorder(muster, hostname);
        return new Workplace(
                muster,
                hostname,
                runner,
                supervisor,
                events,
                recorder,
                new Followers(muster, recorder),
                new Resender(muster),
                new Idempotency(muster, recorder),
                new Losses());
    }
}
