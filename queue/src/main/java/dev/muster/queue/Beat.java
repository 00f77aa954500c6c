package dev.muster.queue;

import dev.muster.queue.schedule.Schedule;
import dev.muster.queue.schedule.ScheduleFormat;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ScheduleStore;
import dev.muster.queue.spi.Setting;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.SettingsException;
import dev.muster.queue.spi.SimulatedClock;
import dev.muster.queue.spi.TurnableClock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Sends tasks at the times of a schedule. Made by [Muster#beat()]. Thread-safe.
///
/// ```java
/// try (var beat = muster.beat()
///         .add("report", Schedule.crontab("0 4 * * mon-fri"), call(Reports::nightly))
///         .start()) { … }
/// ```
///
/// **What it sends** are the entries of its builder, those of the setting `beat_schedule`, the
/// tasks with [dev.muster.queue.schedule.Scheduled], and what has been added at run time
/// ([Muster#schedules()]).
///
/// **What is promised.** Each run is sent once, however many beats there are on the same store: one
/// leads, the others stand by, and one of them takes over when the leader is gone. When a beat dies
/// in the middle of sending, the one after it sends the same task with the same id: it may then
/// have been sent twice. While the broker is away, what is due waits.
public final class Beat implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    /// A third of it must be enough to ask the store.
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    private final ScheduleStore store;
    private final BeatLoop loop;
    private final Environment environment;
    private final Vitals vitals;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /// Held during a round.
    private final ReentrantLock turn = new ReentrantLock();

    /// Guarded by `turn`: waits for the next run, where a clock is turned.
    private TurnableClock.@Nullable Alarm alarm;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by the lock.
    private boolean leads;

    private Beat(ScheduleStore store, BeatLoop loop, Muster muster) {
        this.store = store;
        this.loop = loop;
        this.environment = muster.environment();
        this.vitals = new Vitals(environment.clock());
        // Not a virtual thread: tasks that keep all carriers busy must not stop the clock.
        this.thread = environment.platformThread("beat", this::run);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (store) {
            var goesOn = true;
            while (goesOn) {
                goesOn = rest(round());
            }
            resign();
        } finally {
            vitals.ended(isStopping() ? "it has stopped" : "its thread has died");
            tell(false);
            stopped.countDown();
        }
    }

    private void resign() {
        turn.lock();
        try {
            forgetAlarm();
            loop.resign();
        } finally {
            turn.unlock();
        }
    }

    /// @return how long there is nothing to do; with a clock that is turned by hand, before the
    ///   lead is to be renewed
    private Duration round() {
        turn.lock();
        try {
            if (isStopping()) {
                return Duration.ZERO;
            }
            var pause = loop.round();
            loop.problem().ifPresentOrElse(vitals::waiting, vitals::ready);
            forgetAlarm();
            if (environment.clock() instanceof TurnableClock turned
                    && !(turned instanceof SimulatedClock)) {
                // One that is due already is tried again as time passes.
                alarm =
                        loop.nextRun()
                                .filter(due -> due.isAfter(turned.instant()))
                                .map(due -> turned.at(due, this::round))
                                .orElse(null);
            }
            tell(loop.leads());
            return pause;
        } finally {
            turn.unlock();
        }
    }

    private void tell(boolean isLeading) {
        lock.lock();
        try {
            leads = isLeading;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void forgetAlarm() {
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
    }

    private boolean isStopping() {
        return stopRequested.getCount() == 0;
    }

    /// @return false when it is to stop
    private boolean rest(Duration pause) {
        try {
            return !environment.await(stopRequested, pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Whether it is the one that sends.
    public boolean isLeading() {
        lock.lock();
        try {
            return leads;
        } finally {
            lock.unlock();
        }
    }

    /// Whether it does its work now, which may be to stand by for another, and why not. Costs
    /// nothing.
    public Health health() {
        return vitals.health();
    }

    /// Waits until it is the one that sends, and has read the schedule.
    ///
    /// @return false when it is not by then
    public boolean awaitLeading(Duration timeout) {
        lock.lock();
        try {
            // Saturates where a wait for ever has more nanoseconds than there are.
            var left = TimeUnit.NANOSECONDS.convert(timeout);
            while (!leads && left > 0) {
                left = changed.awaitNanos(left);
            }
            return leads;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return leads;
        } finally {
            lock.unlock();
        }
    }

    /// Sends nothing more from now on. Returns at once; see [#awaitStopped].
    public void stop() {
        vitals.stopping("it is being stopped");
        stopRequested.countDown();
    }

    /// Waits until it has stopped.
    ///
    /// @return false when it has not by then
    public boolean awaitStopped(Duration timeout) {
        try {
            return environment.await(stopped, timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return stopped.getCount() == 0;
        }
    }

    /// Stops, waits until what it is sending has been sent, half a minute at the most, and gives
    /// the lead to others. Twice is harmless.
    @Override
    public void close() {
        stop();
        awaitStopped(CLOSE_LIMIT);
        thread.interrupt();
    }

    /// Says what a beat is to send. Not thread-safe.
    public static final class Builder {
        private final Muster muster;
        private final Map<String, ScheduleEntry> entries = new LinkedHashMap<>();
        private Duration maxInterval;

        /// @throws SettingsException when `beat_schedule` makes no sense
        Builder(Muster muster) {
            this.muster = muster;
            this.maxInterval = muster.settings().get(Setting.BEAT_MAX_LOOP_INTERVAL);
            for (var task : muster.registry().all()) {
                task.schedule().ifPresent(this::add);
            }
            muster.settings()
                    .get(Setting.BEAT_SCHEDULE)
                    .forEach((name, value) -> add(configured(name, value)));
        }

        private static ScheduleEntry configured(String name, Object value) {
            try {
                return EntryFormat.readConfigured(name, value);
            } catch (IllegalArgumentException e) {
                throw new SettingsException(
                        "beat_schedule: entry '%s': %s".formatted(name, e.getMessage()), e);
            }
        }

        /// Adds an entry, in place of one of the same name.
        public Builder add(ScheduleEntry entry) {
            entries.put(entry.name(), entry);
            return this;
        }

        /// Adds an entry, in place of one of the same name.
        ///
        /// @param name unique in the schedule
        /// @param call what is sent each time
        public Builder add(String name, Schedule schedule, Signature<?> call) {
            return add(ScheduleEntry.of(name, schedule, call));
        }

        /// After which time, at the latest, a change of the schedule that was made elsewhere is
        /// noticed.
        public Builder maxInterval(Duration value) {
            if (!value.isPositive()) {
                throw new IllegalArgumentException(
                        "the longest interval must be > 0, was " + value);
            }
            maxInterval = value;
            return this;
        }

        /// What it would send, but for what has been added at run time.
        public Collection<ScheduleEntry> entries() {
            return List.copyOf(entries.values());
        }

        /// Starts the beat. It returns at once; see [Beat#awaitLeading].
        ///
        /// @throws SettingsException when `beat_schedule_store`, `beat_lease` or `timezone` makes
        ///   no sense
        public Beat start() {
            var settings = muster.settings();
            var lease = settings.get(Setting.BEAT_LEASE);
            if (lease.compareTo(SHORTEST_LEASE) < 0) {
                throw new SettingsException("beat_lease must be at least a second, was " + lease);
            }
            var planner = planner(settings);
            var store = Services.scheduleStore(muster.environment());
            var loop = new BeatLoop(muster, store, entries.values(), planner, lease, maxInterval);
            return new Beat(store, loop, muster);
        }
    }

    /// @throws SettingsException when there is no such time zone
    static Planner planner(Settings settings) {
        try {
            return new Planner(
                    ScheduleFormat.zone(settings.get(Setting.TIMEZONE)),
                    settings.get(Setting.BEAT_CRON_STARTING_DEADLINE));
        } catch (IllegalArgumentException e) {
            throw new SettingsException("timezone: " + e.getMessage(), e);
        }
    }
}
