package dev.muster.queue.events;

import dev.muster.fuzz.FuzzTest;
import dev.muster.fuzz.Fuzzer;
import dev.muster.queue.codec.Serializers;
import dev.muster.queue.spi.Message;
import dev.muster.queue.spi.Settings;
import java.time.Instant;
import java.util.Map;

/// What is told in a cluster.
class EventFuzzTest {
    private static final Serializers SERIALIZERS = new Serializers(Settings.DEFAULT);

    /// What cannot be read is no event, so nothing at all is thrown.
    @FuzzTest
    void events() {
        var state = new ClusterState(100, 10);
        var clock = new LogicalClock();
        Fuzzer.of("events")
                .seeds(
                        "{\"type\": \"task-received\", \"uuid\": \"a\", \"name\": \"tasks.add\", \"args\": \"(1,)\", \"kwargs\": \"{}\", \"retries\": 0, \"hostname\": \"muster@host\", \"timestamp\": 1773410000.25, \"clock\": 17, \"pid\": 5, \"utcoffset\": -1}",
                        "{\"type\": \"task-succeeded\", \"uuid\": \"a\", \"result\": \"3\", \"runtime\": 0.5, \"hostname\": \"muster@host\", \"timestamp\": 1773410000, \"clock\": 18}",
                        "[{\"type\": \"task-failed\", \"uuid\": \"b\", \"exception\": \"E()\", \"traceback\": \"at\", \"hostname\": \"h\", \"timestamp\": 1.5, \"clock\": 19}]",
                        "{\"type\": \"worker-heartbeat\", \"hostname\": \"muster@host\", \"timestamp\": 1773410000.25, \"freq\": 2.0, \"active\": 1, \"processed\": 3, \"loadavg\": [0.5, 0.4, 0.3], \"sw_ident\": \"muster\", \"sw_ver\": \"1\"}",
                        "{\"type\": \"task-progress\", \"uuid\": \"a\", \"hostname\": \"h\", \"percent\": 50}")
                .run(input -> {
                    var message =
                            new Message(
                                    input,
                                    "application/json",
                                    "utf-8",
                                    Map.of("hostname", "muster@host"),
                                    Message.Properties.DEFAULT);
                    for (var event : EventWire.read(SERIALIZERS, message)) {
                        clock.saw(event.fields().get("clock"));
                        state.add(event, Instant.EPOCH);
                    }
                    state.tasks();
                    state.workers().forEach(worker -> worker.isAlive(Instant.EPOCH));
                });
    }
}
