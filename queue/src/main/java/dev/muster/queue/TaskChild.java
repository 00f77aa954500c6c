package dev.muster.queue;

import dev.muster.parallel.ProcessOptions;
import dev.muster.parallel.wire.TypeFilter;
import dev.muster.parallel.wire.Values;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.TurnableClock;
import java.io.Serializable;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What runs in a child process of a worker: an application of its own, with the same settings and
/// tasks, which connects to the servers only when a task asks for it.
final class TaskChild {
    /// The one of this process, which runs calls for one worker all its life.
    private static final AtomicReference<@Nullable TaskChild> CURRENT = new AtomicReference<>();

    private final Muster muster;
    private final String hostname;
    private final Recorder recorder;
    private final Followers followers;
    private final Values values;
    private final Timer timer;

    private TaskChild(Muster muster, String hostname) {
        this.muster = muster;
        this.hostname = hostname;
        this.recorder = new Recorder(muster, hostname);
        this.followers = new Followers(muster, recorder);
        this.values = new Values(ProcessOptions.loader(), TypeFilter.PROGRAM, null);
        this.timer = Timer.of(muster.environment().clock(), "soft-time-limits");
    }

    /// What a child makes its application of.
    ///
    /// @param settings what was said of each, as it was said
    /// @param classes the classes with tasks
    /// @param objects the objects with tasks
    /// @param objectClasses those whose objects each child makes for itself
    record Application(
            HashMap<String, Object> settings,
            ArrayList<Class<?>> classes,
            ArrayList<Serializable> objects,
            ArrayList<Class<?>> objectClasses,
            String hostname)
            implements Serializable {

        /// @throws NotATaskException when an object can neither be sent nor made
        static Application of(Muster muster, String hostname) {
            var objects = new ArrayList<Serializable>();
            var objectClasses = new ArrayList<Class<?>>();
            for (var each : muster.taskObjects()) {
                var object = each.source().get();
                if (object instanceof Serializable serializable) {
                    objects.add(serializable);
                } else if (canBeMade(object.getClass())) {
                    objectClasses.add(object.getClass());
                } else {
                    throw new NotATaskException(
                            "child processes cannot have the tasks of %s: make it Serializable, give it a constructor without parameters, or make its tasks static"
                                    .formatted(object.getClass().getName()));
                }
            }
            return new Application(
                    new HashMap<>(muster.settings().given()),
                    new ArrayList<>(muster.taskClasses()),
                    objects,
                    objectClasses,
                    hostname);
        }

        private static boolean canBeMade(Class<?> type) {
            if (type.isMemberClass() && !Modifier.isStatic(type.getModifiers())) {
                return false;
            }
            try {
                var _ = type.getDeclaredConstructor();
                return true;
            } catch (NoSuchMethodException e) {
                return false;
            }
        }

        private Muster open() throws ReflectiveOperationException {
            var all = new ArrayList<Object>(objects);
            for (var type : objectClasses) {
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                all.add(constructor.newInstance());
            }
            return Muster.builder()
                    .settings(Settings.DEFAULT.withAll(settings))
                    .tasks(classes.toArray(Class<?>[]::new))
                    .register(all.toArray())
                    .build();
        }
    }

    /// Prepares this process for calls.
    static void open(Application application) throws ReflectiveOperationException {
        CURRENT.set(new TaskChild(application.open(), application.hostname()));
    }

    /// Runs the task of a message.
    ///
    /// @return the outcome in its [OutcomeForm]
    static Object perform(SentMessage message) {
        var child = CURRENT.get();
        if (child == null) {
            throw new IllegalStateException("this process has no application");
        }
        return child.run(message);
    }

    private Object run(SentMessage sent) {
        var delivery = sent.delivery();
        var request = muster.protocol().read(sent.message());
        var task = muster.registry().find(request.task()).orElseThrow();
        var context =
                new TaskContext(
                        request,
                        delivery,
                        hostname,
                        (state, meta) ->
                                recorder.progress(request, state, muster.json().toPlain(meta)),
                        Aftermath.of(followers, request, muster.settings(), delivery.priority()));
        var call = new TaskCall(task, request, context);
        var alarm =
                Optional.ofNullable(sent.softLimit())
                        .map(limit -> timer.after(limit, () -> call.remind(limit)));
        try (var _ = LogContext.open(LogContext.fields(request))) {
            var outcome = call.run(muster.json(), muster.environment());
            return OutcomeForm.write(outcome, context.sent(), values);
        } finally {
            alarm.ifPresent(TurnableClock.Alarm::cancel);
        }
    }
}
