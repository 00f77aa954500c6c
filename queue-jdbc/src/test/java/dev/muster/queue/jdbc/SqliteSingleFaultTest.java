package dev.muster.queue.jdbc;

import dev.muster.testkit.SingleFaultContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class SqliteSingleFaultTest extends SingleFaultContract {
    @TempDir private Path folder;

    @Override
    protected Map<String, Object> settings() {
        return settings(folder);
    }

    private static Map<String, Object> settings(Path folder) {
        var url = "sqlite:" + folder.resolve("queue.db");
        return Map.of(
                "broker_url",
                url,
                "result_backend",
                url,
                "broker_transport_options",
                Map.of("lease", "2s"));
    }

    @Override
    protected FullDisk disk() {
        return new FullDisk() {
            @Override
            protected Map<String, Object> settings() {
                return SqliteSingleFaultTest.settings(disk.path());
            }

            @Override
            protected String reason() {
                return "the disk is full";
            }
        };
    }
}
