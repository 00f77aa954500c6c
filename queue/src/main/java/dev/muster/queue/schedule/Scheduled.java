package dev.muster.queue.schedule;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Has a beat send a task again and again. It stands beside `@Task`, on a method that can be called
/// without arguments.
///
/// ```java
/// @Task
/// @Scheduled(crontab = "30 4 * * mon-fri")
/// static void report() { … }
/// ```
///
/// Exactly one of [#every()] and [#crontab()] is given.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Scheduled {
    /// The time between two runs: `"90s"`, `"10m"`, or a number of seconds.
    String every() default "";

    /// Minute, hour, day of month, month, day of week; see [Crontab].
    String crontab() default "";

    /// The time zone of the crontab; by default that of the setting `timezone`.
    String timezone() default "";

    /// The entry's name in the schedule; by default the task's.
    String name() default "";

    /// What becomes of runs whose time passed while no beat was there.
    MissedRuns missed() default MissedRuns.ONCE;

    /// The longest time by which a run is put off, differently each time, so that not everything
    /// that is meant for midnight comes at midnight: `"30s"`.
    String jitter() default "";
}
