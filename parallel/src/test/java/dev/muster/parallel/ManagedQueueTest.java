package dev.muster.parallel;

import dev.muster.parallel.shared.SharedClient;
import dev.muster.parallel.shared.SharedManager;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/// The queue of a shared manager keeps to what all queues do.
@Timeout(120)
class ManagedQueueTest extends JoinableQueueContract {
    private final SharedManager manager = SharedManager.listen("127.0.0.1:0");
    private final SharedClient client = SharedClient.connect(manager.address());
    private final AtomicInteger opened = new AtomicInteger();

    @AfterEach
    void end() {
        client.close();
        manager.close();
    }

    @Override
    @SuppressWarnings("unchecked") // what comes out is what was put in
    <T> JoinableQueue<T> open(int capacity) {
        var name = "queue-" + opened.incrementAndGet();
        return (JoinableQueue<T>) client.queue(name, Object.class, capacity);
    }
}
