package dev.muster.testkit;

import dev.muster.queue.Muster;
import dev.muster.queue.codec.Json;
import dev.muster.queue.spi.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// The main program of a [WorkerProcess]: runs a worker until it is told to end.
final class WorkerMain {
    static final String READY = "worker process is ready";

    private WorkerMain() {}

    /// @param args the file of settings, the class of tasks, the queue, the concurrency, the file
    ///   of its clock
    public static void main(String[] args) throws Exception {
        var settings = new LinkedHashMap<String, Object>();
        if (new Json(false).read(Files.readAllBytes(Path.of(args[0]))) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> settings.put(String.valueOf(name), value));
        }
        try (var muster =
                Muster.builder()
                        .settings(Settings.DEFAULT.withAll(settings))
                        .tasks(Class.forName(args[1]))
                        .clock(ProcessClock.open(Path.of(args[4])))
                        .build()) {
            var worker =
                    muster.worker().queues(args[2]).concurrency(Integer.parseInt(args[3])).start();
            Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "stop"));
            if (worker.awaitReady(Duration.ofMinutes(1))) {
                IO.println(READY);
            }
            worker.awaitStopped(Duration.ofDays(1));
        }
    }
}
