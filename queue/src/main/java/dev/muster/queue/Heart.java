package dev.muster.queue;

import dev.muster.queue.events.EventSender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells monitors, and Python workers, that a worker lives (celery-wire 8.4): when it begins, every
/// two seconds or so, and when it ends.
final class Heart implements AutoCloseable {
    private final EventSender sender;
    private final Roster tasks;
    private final Duration interval;
    private final Timer timer;

    Heart(EventSender sender, Roster tasks, Duration interval, Timer timer) {
        this.sender = sender;
        this.tasks = tasks;
        this.interval = interval;
        this.timer = timer;
    }

    void start() {
        tell("worker-online");
        beatLater();
    }

    private void beatLater() {
        var _ =
                timer.after(
                        interval,
                        () -> {
                            beatLater();
                            beat();
                        });
    }

    void beat() {
        tell("worker-heartbeat");
    }

    private void tell(String type) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("freq", interval.toMillis() / 1000.0);
        fields.put("sw_ident", "muster");
        fields.put("sw_ver", Muster.VERSION);
        fields.put("sw_sys", System.getProperty("os.name"));
        fields.put("active", tasks.active().size());
        fields.put("processed", tasks.counts().values().stream().mapToLong(Long::longValue).sum());
        fields.put("loadavg", load());
        sender.send(type, fields);
    }

    private static List<Double> load() {
        try {
            return Arrays.stream(Files.readString(Path.of("/proc/loadavg")).split(" ", -1))
                    .limit(3)
                    .map(Double::valueOf)
                    .toList();
        } catch (IOException | NumberFormatException e) {
            return List.of(0.0, 0.0, 0.0); // monitors expect three numbers
        }
    }

    @Override
    public void close() {
        timer.close();
        tell("worker-offline");
    }
}
