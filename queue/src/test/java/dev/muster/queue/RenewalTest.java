package dev.muster.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.ResultStoreException;
import dev.muster.queue.spi.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RenewalTest {
    static List<RuntimeException> failures() {
        return List.of(
                new ResultStoreException("away", null), new IllegalStateException("a defect"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void goesOnWhateverFails(RuntimeException failure) throws Exception {
        var renewed = new CountDownLatch(3);
        try (var _ =
                new Renewal(
                        "a claim",
                        Duration.ofMillis(1),
                        Environment.of(Settings.DEFAULT),
                        () -> {
                            renewed.countDown();
                            throw failure;
                        })) {
            assertThat(renewed.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void renewsNothingOnceItIsClosed() throws Exception {
        for (var round = 0; round < 100; round++) {
            var isClosed = new AtomicBoolean();
            var tooLate = new AtomicInteger();
            var renewed = new CountDownLatch(1);
            var renewal =
                    new Renewal(
                            "a claim",
                            Duration.ofNanos(1_000),
                            Environment.of(Settings.DEFAULT),
                            () -> {
                                renewed.countDown();
                                if (isClosed.get()) {
                                    tooLate.incrementAndGet();
                                }
                            });
            assertThat(renewed.await(60, TimeUnit.SECONDS)).isTrue();

            renewal.close();
            isClosed.set(true);
            renewal.close();

            assertThat(tooLate).hasValue(0);
        }
    }
}
