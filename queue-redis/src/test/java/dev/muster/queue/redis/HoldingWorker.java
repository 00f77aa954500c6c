package dev.muster.queue.redis;

import dev.muster.queue.spi.Queue;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// A worker that takes messages, says so, and never settles them. To be killed.
final class HoldingWorker {
    private HoldingWorker() {}

    /// @param arguments URL, queue, how many messages to take, on how many carriers virtual threads
    ///   compute meanwhile
    public static void main(String[] arguments) throws IOException {
        var broker = Redis.broker(arguments[0], Map.of("lease", "1s"));
        var consumer = broker.consume(List.of(Queue.named(arguments[1])), 0);
        Redis.take(consumer, Integer.parseInt(arguments[2]));
        for (var carrier = 0; carrier < Integer.parseInt(arguments[3]); carrier++) {
            Thread.startVirtualThread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
            });
        }
        IO.println("holding");
        System.in.read();
    }
}
