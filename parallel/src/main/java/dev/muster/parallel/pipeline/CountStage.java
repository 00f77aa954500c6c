package dev.muster.parallel.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;

final class CountStage extends LinkedStage<Occurrences, Occurrences> {
    private final Map<String, long[]> totals = new LinkedHashMap<>();

    CountStage(Stage<? super Occurrences> next) {
        super(next);
    }

    @Override
    public void send(Occurrences found) {
        checkOpen();
        totals.computeIfAbsent(found.word(), _ -> new long[1])[0] += found.count();
    }

    @Override
    void finish() {
        totals.forEach((word, total) -> next.send(new Occurrences(word, total[0], 0)));
    }
}
