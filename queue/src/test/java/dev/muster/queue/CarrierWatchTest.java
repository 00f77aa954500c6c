package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fuzz.LogCapture;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class CarrierWatchTest {
    @Test
    void tasksThatComputeOnAllCarriersAreTold() {
        var released = new AtomicBoolean();
        try (var log = new LogCapture(Worker.class);
                var watch =
                        new CarrierWatch(
                                Environment.of(Settings.DEFAULT), Duration.ofMillis(100))) {
            watch.start();
            for (var carrier = 0; carrier < Runtime.getRuntime().availableProcessors(); carrier++) {
                Thread.startVirtualThread(() -> {
                    while (!released.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            try {
                Awaitility.await()
                        .untilAsserted(() ->
                                assertThat(log.warnings())
                                        .anyMatch(line -> line.contains("-P threads")));
            } finally {
                released.set(true);
            }
        }
    }
}
