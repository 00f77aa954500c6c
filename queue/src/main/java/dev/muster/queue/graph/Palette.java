package dev.muster.queue.graph;

import dev.muster.queue.spi.State;
import org.jspecify.annotations.Nullable;

/// The colours of states and edges, as DOT and SVG write them.
final class Palette {
    static final String INK = "#37474f";
    static final String ERROR = "#c62828";

    private static final String RUNNING = "#bbdefb";

    private Palette() {}

    /// What a task is filled with.
    static String fill(@Nullable State state) {
        return state == null
                ? "#ffffff"
                : switch (state.name()) {
                    case "PENDING" -> "#eceff1";
                    case "RETRY" -> "#ffe0b2";
                    case "SUCCESS" -> "#c8e6c9";
                    case "FAILURE" -> "#ffcdd2";
                    case "REVOKED" -> "#e1bee7";
                    default -> RUNNING; // STARTED, and whatever a task says of itself while it runs
                };
    }
}
