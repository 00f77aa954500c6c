package dev.muster.benchmarks;

import java.util.Arrays;

/// What `./bench` starts: a comparison by its name, or the one of task queues, with its arguments.
public final class Bench {
    private Bench() {}

    /// @param args `pipeline`, `grep`, `pool`, `queues` or `workflows`, and what its class takes;
    ///   or what [QueueComparison] takes
    public static void main(String[] args) throws Exception {
        var rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
        switch (args.length == 0 ? "" : args[0]) {
            case "pipeline" -> PipelineComparison.run(rest);
            case "queues" -> ProcessQueueComparison.run(rest);
            case "pool" -> ProcessPoolComparison.run(rest);
            case "workflows" -> WorkflowComparison.run(rest);
            case "grep" -> GrepComparison.run(rest);
            default -> QueueComparison.run(Arrays.asList(args));
        }
    }
}
