/// When something is to run again: every so often ([dev.muster.queue.schedule.Interval]), at times
/// of the calendar ([dev.muster.queue.schedule.Crontab]), or by the sun
/// ([dev.muster.queue.schedule.Solar]). Start at [dev.muster.queue.schedule.Schedule]. They are
/// pure functions of time; who sends what at these times is no business of theirs.
@NullMarked
package dev.muster.queue.schedule;

import org.jspecify.annotations.NullMarked;
