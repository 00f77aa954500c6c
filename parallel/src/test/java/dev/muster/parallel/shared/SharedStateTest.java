package dev.muster.parallel.shared;

import static dev.muster.parallel.shared.Managers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Maps, lists and counters.
@Timeout(120)
class SharedStateTest {
    private final SharedManager manager = Managers.listen();
    private final SharedClient client = Managers.connect(manager);
    private final SharedClient other = Managers.connect(manager);

    @AfterEach
    void close() {
        client.close();
        other.close();
        manager.close();
    }

    @Test
    void aMapIsSeenByAllClients() {
        var here = client.map("rates", String.class, Double.class);
        var there = other.map("rates", String.class, Double.class);

        here.put("USD", 1.1);
        here.put("CHF", 0.9);
        here.put("USD", 1.2);

        assertThat(there.get("USD")).contains(1.2);
        assertThat(there.get("GBP")).isEmpty();
        assertThat(there.containsKey("CHF")).isTrue();
        assertThat(there.putIfAbsent("CHF", 0.8)).isFalse();
        assertThat(there.putIfAbsent("GBP", 0.8)).isTrue();
        assertThat(here.size()).isEqualTo(3);
        assertThat(here.toMap())
                .containsExactly(
                        Map.entry("USD", 1.2), Map.entry("CHF", 0.9), Map.entry("GBP", 0.8));
        assertThat(here.remove("CHF")).contains(0.9);
        assertThat(here.remove("CHF")).isEmpty();
        here.clear();
        assertThat(there.toMap()).isEmpty();
    }

    @Test
    void anUpdateMissesNoOtherUpdate() throws Exception {
        var running = new ArrayList<Managers.Running<Void>>();
        for (var which : List.of(client, other, client, other)) {
            var counts = which.map("counts", String.class, Integer.class);
            running.add(
                    start(() -> {
                        for (var round = 0; round < 100; round++) {
                            counts.update("word", old -> old.orElse(0) + 1);
                        }
                        return null;
                    }));
        }
        for (var one : running) {
            one.get();
        }

        assertThat(client.map("counts", String.class, Integer.class).get("word")).contains(400);
    }

    @Test
    void keysAreTheSameWhenTheirContentIs() {
        var bytes = client.map("bytes", byte[].class, String.class);
        bytes.put(new byte[] {1, 2}, "a");
        assertThat(bytes.get(new byte[] {1, 2})).contains("a");

        var ids = client.map("ids", UUID.class, String.class);
        ids.put(new UUID(1, 2), "b");
        assertThat(ids.get(new UUID(1, 2))).contains("b");

        var days = client.map("days", DayOfWeek.class, String.class);
        days.put(DayOfWeek.MONDAY, "c");
        assertThat(days.get(DayOfWeek.MONDAY)).contains("c");
        assertThat(days.toMap()).containsOnlyKeys(DayOfWeek.MONDAY);
    }

    @Test
    void aKeyWhoseBytesMayDifferIsRefused() {
        var map = client.map("prices", BigDecimal.class, String.class);

        assertThatThrownBy(() -> map.put(BigDecimal.ONE, "one"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("make a text of this java.math.BigDecimal");
    }

    @Test
    void aListIsSeenByAllClients() {
        var here = client.list("names", String.class);
        var there = other.list("names", String.class);
        for (var name : List.of("a", "b", "c")) {
            here.add(name);
        }

        there.set(1, "B");

        assertThat(here.get(1)).isEqualTo("B");
        assertThat(there.remove(0)).isEqualTo("a");
        assertThat(here.toList()).containsExactly("B", "c");
        assertThat(here.size()).isEqualTo(2);
        assertThatThrownBy(() -> here.get(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("index 2 in a list of 2 values");
        assertThatThrownBy(() -> here.remove(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        here.clear();
        assertThat(there.toList()).isEmpty();
    }

    @Test
    void aCounterMissesNothing() throws Exception {
        var running = new ArrayList<Managers.Running<Void>>();
        for (var which : List.of(client, other, client, other)) {
            var counter = which.counter("seen");
            running.add(
                    start(() -> {
                        for (var round = 0; round < 500; round++) {
                            counter.increment();
                        }
                        return null;
                    }));
        }
        for (var one : running) {
            one.get();
        }
        var counter = client.counter("seen");

        assertThat(counter.get()).isEqualTo(2_000);
        assertThat(counter.add(-500)).isEqualTo(1_500);
        assertThat(counter.compareAndSet(1_499, 7)).isFalse();
        assertThat(counter.compareAndSet(1_500, 7)).isTrue();
        counter.set(9);
        assertThat(other.counter("seen").get()).isEqualTo(9);
    }

    @Test
    void aPrimitiveClassIsRefusedWithTheRightOne() {
        assertThatThrownBy(() -> client.list("numbers", int.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Integer.class", "not int.class");
    }
}
