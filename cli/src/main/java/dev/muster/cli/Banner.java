package dev.muster.cli;

import dev.muster.queue.Muster;
import dev.muster.queue.Worker;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a worker says about itself when it starts. Addresses come without passwords.
final class Banner {
    private final Muster muster;
    private final String results;
    private final @Nullable Endpoints endpoints;

    /// Opens the result store, so that a mistake in its address is found before the first task has
    /// run.
    ///
    /// @param endpoints null for none
    Banner(Muster muster, @Nullable Endpoints endpoints) {
        this.muster = muster;
        this.endpoints = endpoints;
        this.results = muster.resultStoreDescription();
    }

    void print(Worker worker, PrintWriter out) {
        out.printf("muster %s, worker %s%n%n", Muster.VERSION, worker.hostname());
        out.println("[config]");
        out.printf("  .> broker:      %s%n", muster.brokerDescription());
        out.printf("  .> results:     %s%n", results);
        out.printf(
                "  .> concurrency: %d (%s)%n",
                worker.concurrency(), worker.pool().name().toLowerCase(Locale.ROOT));
        if (endpoints != null) {
            out.printf("  .> http:        %s%n", endpoints.url());
        }
        out.println();
        out.println("[queues]");
        worker.queues().stream().sorted().forEach(queue -> out.printf("  .> %s%n", queue));
        out.printf("%n[tasks]%n");
        muster.tasks().forEach(task -> out.printf("  . %s%n", task));
        out.println();
        out.flush();
    }
}
