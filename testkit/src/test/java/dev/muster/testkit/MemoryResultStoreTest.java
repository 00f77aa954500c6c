package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.queue.memory.MemoryBrokerProvider;
import dev.muster.queue.spi.Environment;
import dev.muster.queue.spi.GroupStore;
import dev.muster.queue.spi.ResultStore;
import dev.muster.queue.spi.ResultStoreProvider;
import dev.muster.queue.spi.ServiceUrl;
import dev.muster.queue.spi.Settings;
import dev.muster.queue.spi.State;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MemoryResultStoreTest extends ResultStoreContract {
    private final FakeClock clock = new FakeClock();

    /// Every "process" of a test uses the same, because nobody else can reach its records.
    private final Map<Duration, ResultStore> stores = new HashMap<>();

    @Override
    protected ResultStore openStore(Duration expires) {
        return stores.computeIfAbsent(expires, this::open);
    }

    private ResultStore open(Duration expires) {
        var settings = Settings.DEFAULT.with("result_expires", expires);
        var environment = new Environment(settings, clock, RandomGenerator.getDefault());
        var url = ServiceUrl.parse("memory:");
        var broker = new MemoryBrokerProvider().open(url, environment);
        return ServiceLoader.load(ResultStoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.schemes().contains("memory"))
                .findAny()
                .orElseThrow()
                .open(url, environment, broker);
    }

    @Override
    protected void passTime(Duration duration) {
        clock.advance(duration);
    }

    @Test
    void aRecordIsThereUntilTheMomentItExpires() {
        var store = openStore(Duration.ofMinutes(1));
        var id = newId();
        store.store(success(id, 1L), null);

        clock.advance(Duration.ofMillis(59_999));
        assertThat(store.fetch(id)).isPresent();

        clock.advance(Duration.ofMillis(1));
        assertThat(store.fetch(id)).isEmpty();
    }

    @Test
    void aClaimOnAChordLapsesUnlessItIsRenewed() {
        var groups = openStore(Duration.ofHours(1)).groups().orElseThrow();
        groups.expect("group", 1);
        groups.arrive("group", new GroupStore.Member("task", State.SUCCESS, 1L), 0);

        for (var round = 0; round < 5; round++) {
            clock.advance(Duration.ofSeconds(20));
            groups.renew("group");
        }
        clock.advance(Duration.ofMillis(29_999));
        assertThat(groups.count("group")).isInstanceOf(GroupStore.Count.Claimed.class);

        clock.advance(Duration.ofMillis(1));
        assertThat(groups.count("group")).isInstanceOf(GroupStore.Count.Complete.class);
    }

    @Nested
    class Groups extends GroupStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return MemoryResultStoreTest.this.openStore(Duration.ofHours(1));
        }
    }

    @Nested
    class Claims extends ClaimStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return MemoryResultStoreTest.this.openStore(Duration.ofHours(1));
        }

        @Override
        protected void passTime(Duration duration) {
            clock.advance(duration);
        }
    }

    @Nested
    class Rates extends RateStoreContract {
        @Override
        protected ResultStore openStore() throws Exception {
            return MemoryResultStoreTest.this.openStore(Duration.ofHours(1));
        }

        @Override
        protected void passTime(Duration duration) {
            clock.advance(duration);
        }
    }
}
