package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.spi.ClaimStore;
import dev.muster.queue.spi.ResultStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [ClaimStore] must do. Extend it, and open stores on one server. Each test has two, as
/// two processes would.
@Timeout(180)
public abstract class ClaimStoreContract {
    private static final Duration LONG = Duration.ofHours(1);

    private final String key = "größe \" " + UUID.randomUUID();
    private ResultStore oneStore;
    private ResultStore otherStore;
    private ClaimStore one;
    private ClaimStore other;

    /// Opens a store as another process would.
    protected abstract ResultStore openStore() throws Exception;

    /// Lets time pass for the store, where it reads a clock that stands still; elsewhere time
    /// passes by itself.
    protected void passTime(Duration duration) {}

    @BeforeEach
    final void open() throws Exception {
        oneStore = openStore();
        otherStore = openStore();
        one = oneStore.claims().orElseThrow();
        other = otherStore.claims().orElseThrow();
    }

    @AfterEach
    final void close() {
        oneStore.close();
        otherStore.close();
    }

    @Test
    void aKeyIsTheFirstOnesUntilThatGivesItUp() {
        assertThat(one.claim(key, "first", LONG)).isEqualTo("first");
        assertThat(other.claim(key, "second", LONG)).isEqualTo("first");
        assertThat(one.claim(key, "first", LONG)).isEqualTo("first");
        assertThat(one.claim(key + "!", "second", LONG)).isEqualTo("second");

        one.release(key, "first");

        assertThat(other.claim(key, "second", LONG)).isEqualTo("second");
        assertThat(one.claim(key, "first", LONG)).isEqualTo("second");
    }

    @Test
    void nobodyGivesUpWhatIsAnothers() {
        one.claim(key, "first", LONG);

        other.release(key, "second");
        other.release("never claimed " + key, "second");

        assertThat(other.claim(key, "second", LONG)).isEqualTo("first");
    }

    @Test
    void aClaimLapses() {
        var lifetime = Duration.ofMillis(200);
        one.claim(key, "first", lifetime);

        passTime(lifetime);

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(other.claim(key, "second", LONG)).isEqualTo("second"));
        assertThat(one.claim(key, "first", lifetime)).isEqualTo("second");
        one.release(key, "first");
        assertThat(one.claim(key, "third", lifetime)).isEqualTo("second");
    }

    @Test
    void aClaimThatIsRenewedStays() {
        one.claim(key, "first", Duration.ofMillis(50));
        assertThat(one.claim(key, "first", LONG)).isEqualTo("first");

        passTime(Duration.ofMinutes(1));

        assertThat(other.claim(key, "second", LONG)).isEqualTo("first");
    }

    @Test
    void ofManyWhoClaimAtOnceAllAreToldTheSame() throws Exception {
        for (var round = 0; round < 10; round++) {
            var disputed = key + round;
            var told = new ArrayList<Future<String>>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (var owner = 0; owner < 50; owner++) {
                    var name = "owner " + owner;
                    var store = owner % 2 == 0 ? one : other;
                    told.add(threads.submit(() -> store.claim(disputed, name, LONG)));
                }
            }

            var first = told.getFirst().get();
            for (var answer : told) {
                assertThat(answer.get()).isEqualTo(first);
            }
        }
    }
}
