package dev.muster.queue;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Makes a method a task: something that can be sent to a worker by its name.
///
/// The method may be static, or an instance method of an object given to
/// [Muster.Builder#register(Object...)]. It may have any visibility. Its parameters are bound as
/// Python binds them, by position or by name; see [Default] and [Kwargs]. A parameter of type
/// [TaskContext] receives the request and takes part in neither.
///
/// ```java
/// @Task(queue = "mail", acksLate = true)
/// static void welcome(String address, @Default("en") String language) { … }
/// ```
///
/// Empty strings and [Toggle#DEFAULT] mean: as the settings say.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Task {
    /// The name on the wire. By default the class's simple name (with its outer classes) and the
    /// method's, `Currency.rate`. A worker also answers to that name with the package in front. Set
    /// it when names must survive a renaming.
    String name() default "";

    /// Further names that workers answer to, for example those from before a renaming.
    String[] aliases() default {};

    /// The queue that calls are sent to.
    String queue() default "";

    /// The routing key that calls are sent with, for queues on a topic exchange.
    String routingKey() default "";

    /// The priority of calls, 0 to 255. RabbitMQ and SQL serve larger numbers first, Redis smaller
    /// ones.
    int priority() default UNSET;

    /// How long a call may wait before it must not be started any more: `"90s"`, `"5m"`, or a
    /// number of seconds.
    String expires() default "";

    /// Whether the outcome is not stored.
    Toggle ignoreResult() default Toggle.DEFAULT;

    /// Whether a message is acknowledged after the task has run instead of just before. With late
    /// acknowledgement a task whose worker dies runs again, so it must bear running twice.
    Toggle acksLate() default Toggle.DEFAULT;

    /// Whether a task that is acknowledged late goes back to its queue when the child process dies
    /// in which it runs, instead of failing with `WorkerLostError`. The third time it fails.
    Toggle rejectOnWorkerLost() default Toggle.DEFAULT;

    /// Whether the state STARTED is stored when it begins.
    Toggle trackStarted() default Toggle.DEFAULT;

    /// After which a running task is given up: `"60s"`, `"5m"`, or a number of seconds. It fails
    /// with Celery's `TimeLimitExceeded`, and its slot serves others. A child process is killed; a
    /// thread cannot be stopped from outside and goes on if it does not heed the interruption.
    String timeLimit() default "";

    /// After which a running task is interrupted, so that it can clean up and end: see
    /// [TaskContext#checkTimeLimit()].
    String softTimeLimit() default "";

    /// How often a worker starts the task at the most: `"10/s"`, `"100/m"`, `"5/h"`. It holds what
    /// comes faster, as part of what it has fetched ahead. The limit is for each worker, unless
    /// [#rateLimitScope()] says otherwise.
    String rateLimit() default "";

    /// Whether the rate is that of each worker, or of all together. The latter needs a result store
    /// that can keep it: Redis, SQL, or memory; a Python worker knows nothing of it.
    Scope rateLimitScope() default Scope.WORKER;

    /// How arguments of calls are written: `json`, `msgpack` or `yaml`. Results are always JSON.
    String serializer() default "";

    /// How often a call is tried again after the first time; [#FOREVER] for no limit.
    int maxRetries() default 3;

    /// Exceptions after which a call is tried again by itself, without a word in the task.
    Class<? extends Throwable>[] retryFor() default {};

    /// Exceptions among [#retryFor()] after which it is not.
    Class<? extends Throwable>[] dontRetryFor() default {};

    /// How long to wait before a retry for which nothing else is said: `"90s"`, `"5m"`, or a number
    /// of seconds.
    String retryDelay() default "3m";

    /// The delay before the first retry of those that come by themselves; it doubles with each
    /// further one. Without it they all wait for [#retryDelay()].
    String retryBackoff() default "";

    /// The longest of these growing delays.
    String retryBackoffMax() default "10m";

    /// Whether a growing delay is chosen by chance, anywhere between nothing and its full length:
    /// calls that failed together do not come back together then.
    boolean retryJitter() default true;

    /// Whether a call is sent while an equal one waits or runs; see [Unique]. Calls are equal when
    /// they are of the same task and have the same arguments, or those of [#uniqueBy()] are the
    /// same. It holds for calls that are sent by themselves or in a group: one that is followed by
    /// others, in a chain or a chord, is always sent. Needs a result store that keeps claims:
    /// Redis, SQL, or memory.
    Unique unique() default Unique.NO;

    /// The names of the parameters that make calls equal; by default all.
    String[] uniqueBy() default {};

    /// For how long a call keeps equal ones away at the most, from its sending, or its last retry,
    /// on. Longer than waiting and running take: a lost call is in the way no longer than that.
    String uniqueFor() default "1h";

    /// "Not set", for a number.
    int UNSET = -1;

    /// Without limit, for [#maxRetries()].
    int FOREVER = Integer.MAX_VALUE;

    /// Yes, no, or as the settings say.
    enum Toggle {
        DEFAULT,
        ON,
        OFF
    }

    /// Whom a limit holds for.
    enum Scope {
        /// Each worker.
        WORKER,
        /// All workers together.
        CLUSTER
    }

    /// What becomes of a call while an equal one waits or runs.
    enum Unique {
        /// It is sent all the same.
        NO,
        /// It is not sent. Its result says so: [Result#isDuplicate()] is true, and to ask it for
        /// the value throws [DuplicateTaskException].
        DROP,
        /// It is not sent. Its result is that of the other: it has the other's id, and waits for
        /// the other's value.
        COALESCE
    }
}
