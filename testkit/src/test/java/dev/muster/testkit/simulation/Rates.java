package dev.muster.testkit.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The law of rates: what came together starts an interval apart. A task may start late, as it may
/// have to wait for a slot; so of those that came at some time or later the last starts as many
/// intervals after that time as there are others.
final class Rates {
    private final Ledger ledger;

    /// By what has a rate: a task, or a task on a node.
    private final Map<String, List<Long>> deliveries = new HashMap<>();

    Rates(Ledger ledger) {
        this.ledger = ledger;
    }

    /// @param whose what has a rate
    void starts(String whose, Duration interval, long delivered, long now) {
        var earlier = deliveries.computeIfAbsent(whose, _ -> new ArrayList<>());
        earlier.add(delivered);
        for (var since : earlier) {
            var others = earlier.stream().filter(time -> time >= since).count() - 1;
            ledger.require(
                    now - since >= others * interval.toNanos(),
                    () -> "%s starts %d more too soon".formatted(whose, others));
        }
    }
}
