package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.RateStore;
import dev.muster.queue.spi.ResultStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [RateStore] must do. Extend it, and open stores on one server. Each test has two, as
/// two workers would.
@Timeout(180)
public abstract class RateStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);

    private final String key = "größe " + UUID.randomUUID();
    private ResultStore oneStore;
    private ResultStore otherStore;
    private RateStore one;
    private RateStore other;

    /// Opens a store as another process would.
    protected abstract ResultStore openStore() throws Exception;

    /// Lets time pass for the store, where it reads a clock that stands still; elsewhere time
    /// passes by itself.
    protected void passTime(Duration duration) {}

    @BeforeEach
    final void open() throws Exception {
        oneStore = openStore();
        otherStore = openStore();
        one = oneStore.rates().orElseThrow();
        other = otherStore.rates().orElseThrow();
    }

    @AfterEach
    final void close() {
        oneStore.close();
        otherStore.close();
    }

    /// The test itself takes less than half an hour.
    private static long hours(Duration wait) {
        return Math.round(wait.toMillis() / (double) HOUR.toMillis());
    }

    @Test
    void theStartsOfAllAreOneIntervalApart() {
        assertThat(one.reserve(key, HOUR, 1)).isZero();
        var second = other.reserve(key, HOUR, 1);
        assertThat(second).isLessThanOrEqualTo(HOUR);
        assertThat(hours(second)).isEqualTo(1);
        assertThat(hours(one.reserve(key, HOUR, 1))).isEqualTo(2);
        assertThat(other.reserve(key + "!", HOUR, 1)).isZero();
    }

    @Test
    void severalStartsAreTakenAtOnce() {
        assertThat(one.reserve(key, HOUR, 5)).isZero();
        assertThat(hours(other.reserve(key, HOUR, 2))).isEqualTo(5);
        assertThat(hours(one.reserve(key, Duration.ofNanos(1_500_000), 1))).isEqualTo(7);
    }

    @Test
    void startsThatNobodyTookAreNotSavedUp() {
        var short_ = Duration.ofMillis(50);
        one.reserve(key, short_, 4);
        passTime(short_.multipliedBy(100));

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> other.reserve(key, Duration.ofNanos(1_000), 1).isZero());
        assertThat(hours(other.reserve(key, HOUR, 1))).isZero();

        assertThat(hours(one.reserve(key, HOUR, 1))).isEqualTo(1);
    }

    @Test
    void ofManyWhoAskAtOnceEachGetsAStartOfItsOwn() throws Exception {
        var size = 100;
        var told = new ArrayList<Future<Duration>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var number = 0; number < size; number++) {
                var store = number % 2 == 0 ? one : other;
                told.add(threads.submit(() -> store.reserve(key, HOUR, 1)));
            }
        }

        var starts = new TreeSet<Long>();
        for (var wait : told) {
            starts.add(hours(wait.get()));
        }
        assertThat(starts).hasSize(size);
        assertThat(starts.first()).isZero();
        assertThat(starts.last()).isEqualTo(size - 1L);
    }
}
