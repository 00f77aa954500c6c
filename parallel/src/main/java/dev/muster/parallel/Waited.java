package dev.muster.parallel;

import java.util.List;

/// What [Pool#waitFor] found.
///
/// @param done those that have ended, whichever way, in their order
/// @param notDone the others
public record Waited<F>(List<F> done, List<F> notDone) {
    public Waited {
        done = List.copyOf(done);
        notDone = List.copyOf(notDone);
    }
}
