package dev.muster.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/// Prints what was measured of Muster and of its peers, a line for each quantity: medians, the
/// smallest and the largest in brackets, and how many times better Muster is.
final class Table {
    /// Which of two numbers is better.
    enum Better {
        MORE,
        LESS
    }

    private final Measurements muster;
    private final Map<String, Measurements> peers = new LinkedHashMap<>();

    Table(Measurements muster) {
        this.muster = muster;
    }

    /// Adds a peer. It need not have all quantities.
    Table beside(String name, Measurements peer) {
        peers.put(name, peer);
        return this;
    }

    void row(String label, String quantity, Better better) {
        row(label, quantity, quantity, better);
    }

    /// For a quantity that the peers do not tell apart from another.
    void row(String label, String quantity, String ofPeers, Better better) {
        System.out.printf("  %-45s %s%n", label, shown(muster, quantity));
        peers.forEach((name, peer) -> {
            if (peer.has(ofPeers)) {
                var factor = muster.median(quantity) / peer.median(ofPeers);
                System.out.printf(
                        "    %-43s %s  ratio %.2f%n",
                        name, shown(peer, ofPeers), better == Better.MORE ? factor : 1 / factor);
            }
        });
    }

    private static String shown(Measurements measured, String quantity) {
        return "%10s  %-22s"
                .formatted(
                        Measurements.shown(measured.median(quantity)),
                        "(" + measured.spread(quantity) + ")");
    }
}
