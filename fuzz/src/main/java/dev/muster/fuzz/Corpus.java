package dev.muster.fuzz;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The inputs that are changed further: the valid ones, and what was learnt. Used by one thread.
final class Corpus {
    /// Longer ones would make all that comes of them long, and so slow.
    private static final int MAX_BYTES = 4 * 1024;

    /// Of the accepted inputs, one in so many is kept for a while, so that changes gather in them.
    private static final int SELDOM = 50;

    private static final int MAX_ACCEPTED = 500;

    private final RandomGenerator random;
    private final List<byte[]> seeds;
    private final List<byte[]> accepted = new ArrayList<>();

    /// The first input of each way to be refused.
    private final List<byte[]> refused = new ArrayList<>();

    private final Set<Integer> ways = new HashSet<>();

    Corpus(List<byte[]> seeds, RandomGenerator random) {
        this.seeds = seeds.isEmpty() ? List.of(new byte[0]) : seeds;
        this.random = random;
    }

    byte[] any() {
        var from =
                switch (random.nextInt(3)) {
                    case 0 -> accepted;
                    case 1 -> refused;
                    default -> seeds;
                };
        var some = from.isEmpty() ? seeds : from;
        return some.get(random.nextInt(some.size()));
    }

    void addAccepted(byte[] input) {
        if (input.length > MAX_BYTES || random.nextInt(SELDOM) > 0) {
            return;
        }
        if (accepted.size() < MAX_ACCEPTED) {
            accepted.add(input);
        } else {
            accepted.set(random.nextInt(MAX_ACCEPTED), input);
        }
    }

    void addRefused(byte[] input, int way) {
        if (input.length <= MAX_BYTES && ways.add(way)) {
            refused.add(input);
        }
    }

    int ways() {
        return ways.size();
    }
}
