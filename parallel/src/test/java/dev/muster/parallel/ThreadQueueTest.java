package dev.muster.parallel;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ThreadQueueTest extends JoinableQueueContract {
    @Override
    <T> JoinableQueue<T> open(int capacity) {
        return JoinableQueue.bounded(capacity);
    }
}
